def collect():
    from cases import Collection
    return Collection("dmarc")
