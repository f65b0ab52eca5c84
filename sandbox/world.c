/* The cast of the test world as tables: see world.h. */
#include "world.h"

#include <glib.h>

static const WorldMerchant northwind_merchants[] = {
    { .merchant_id = "46ea7460-39fd-4dd7-a059-5e219847b76c",
        .display_id = "26f6fdfc-5583-40b4-8e3c-11bb544ebf99",
        .legal_name = "Northwind Energy plc",
        .street = "14 Harbour Parade", .city = "Bristol BS1 4QD", .country = "United Kingdom",
        .vat_id = "GB 418 2290 73", .iban = "GB29 NWBK 6016 1331 9268 19",
        .mailbox = "billing", .colour = "#0b5f7a", .logo = "northwind", .contact = "help@northwind-energy.example",
        .state = PARTNER_APPROVED },
};

static const WorldMerchant ledgerly_merchants[] = {
    { .merchant_id = "5b317ac0-d161-4601-a8a0-c69bb244d5ee",
        .display_id = "01b6acd5-f2b3-4bd7-9b08-c7dc0fbd0d9e",
        .legal_name = "Studio Brzoza sp. z o.o.",
        .street = "ul. Źródlana 7/3", .city = "50-149 Wrocław", .country = "Polska",
        .vat_id = "PL 8971823459", .iban = "PL61 1090 1014 0000 0712 1981 2874",
        .mailbox = "studio-brzoza", .colour = "#2f6b3c", .logo = "brzoza", .contact = "biuro@studio-brzoza.example",
        .state = PARTNER_APPROVED },
    { .merchant_id = "38cd9f86-7b09-4457-bee2-60506e4297e4",
        .display_id = "a307cfbd-1ffd-4c87-847e-5d6143f7615a",
        .legal_name = "Harbour Coffee Ltd",
        .street = "2 Quay Street", .city = "Falmouth TR11 3LH", .country = "United Kingdom",
        .vat_id = "GB 377 1045 28", .iban = "GB94 BARC 1020 1530 0934 59",
        .mailbox = "harbour-coffee", .colour = "#7a3e1d", .logo = "harbour", .contact = "orders@harbour-coffee.example",
        .state = PARTNER_APPROVED },
    { .merchant_id = "26402c40-84cf-4779-8077-3fb0f70de364",
        .display_id = "c4dd3c0f-6835-4710-91a1-0c085c1df856",
        .legal_name = "Atelier Linden GmbH",
        .street = "Lindenallee 22", .city = "10178 Berlin", .country = "Deutschland",
        .vat_id = "DE 298431107", .iban = "DE89 3704 0044 0532 0130 00",
        .mailbox = "atelier-linden", .colour = "#4b3f8f", .logo = "linden", .contact = "hallo@atelier-linden.example",
        .state = PARTNER_APPROVED },
    { .merchant_id = "f6c1032b-8c03-41ba-b4e3-b22e981a7f3f",
        .display_id = "c40e3405-1374-4a6f-a096-9007f23b8ed4",
        .legal_name = "Quickfix Roofing Ltd",
        .street = "Unit 9, Canal Works", .city = "Leeds LS9 8AG", .country = "United Kingdom",
        .vat_id = "GB 290 6613 04", .iban = "GB33 BUKB 2020 1555 5555 55",
        .mailbox = "quickfix-roofing", .colour = "#8a1c1c", .logo = "quickfix", .contact = "office@quickfix-roofing.example",
        .state = PARTNER_PENDING },
};

static const WorldMerchant greyfield_merchants[] = {
    { .merchant_id = "9ae25641-b356-43c4-a9be-f4d4cbcd61ff",
        .display_id = "648e19e9-3835-4cd9-80c3-7b30b890f7d9",
        .legal_name = "Greyfield Media Ltd",
        .street = "88 Mill Lane", .city = "Reading RG1 2DA", .country = "United Kingdom",
        .vat_id = "GB 155 7380 91", .iban = "GB82 WEST 1234 5698 7654 32",
        .mailbox = "accounts", .colour = "#4a5258", .logo = "greyfield", .contact = "accounts@greyfield-media.example",
        .state = PARTNER_APPROVED },
};

static const WorldMerchant pinecone_merchants[] = {
    { .merchant_id = "3efe479f-96b2-4dd2-a720-31e318be8922",
        .display_id = "1dc4267c-f7db-4c73-a9a9-0bd50af0c19b",
        .legal_name = "Pinecone Post Ltd",
        .street = "5 Station Yard", .city = "Pitlochry PH16 5AN", .country = "United Kingdom",
        .vat_id = "GB 361 0927 55", .iban = "GB15 HBUK 4012 7612 3456 78",
        .mailbox = "billing", .colour = "#6b4a12", .logo = "pinecone", .contact = "hello@pinecone-post.example",
        .state = PARTNER_APPROVED },
};

const WorldBiller world_billers[] = {
    { .name = "northwind", .title = "Northwind Energy", .originator = "cd4a796a-f68a-4da2-87de-818c116ee6bf",
        .account = "acct_northwind", .domain = "northwind-energy.example",
        .address = "billing@northwind-energy.example", .state = PARTNER_APPROVED,
        .merchants = northwind_merchants, .merchant_count = G_N_ELEMENTS(northwind_merchants) },
    { .name = "ledgerly", .title = "Ledgerly", .originator = "0f12355b-8cce-4fbd-b1dd-e61609c3471d",
        .account = "acct_ledgerly", .domain = "mail.ledgerly.example",
        .address = NULL, .state = PARTNER_APPROVED,
        .merchants = ledgerly_merchants, .merchant_count = G_N_ELEMENTS(ledgerly_merchants) },
    { .name = "greyfield", .title = "Greyfield Media", .originator = "75aae8f2-f5c9-40a3-93fb-f9bf428021fc",
        .account = "acct_greyfield", .domain = "greyfield-media.example",
        .address = "accounts@greyfield-media.example", .state = PARTNER_SUSPENDED,
        .merchants = greyfield_merchants, .merchant_count = G_N_ELEMENTS(greyfield_merchants) },
    { .name = "pinecone", .title = "Pinecone Post", .originator = "8b962b2d-f8c8-4828-b1a8-6ee8260a8f0e",
        .account = "acct_pinecone", .domain = "pinecone-post.example",
        .address = "billing@pinecone-post.example", .state = PARTNER_PENDING,
        .merchants = pinecone_merchants, .merchant_count = G_N_ELEMENTS(pinecone_merchants) },
};
const size_t world_biller_count = G_N_ELEMENTS(world_billers);

const WorldBiller *world_find_biller(const char *name)
{
    for (size_t i = 0; i < world_biller_count; i++) {
        if (g_strcmp0(world_billers[i].name, name) == 0)
            return &world_billers[i];
    }
    return NULL;
}

const WorldMerchant *world_find_merchant(const WorldBiller *biller, const char *merchant_id)
{
    for (size_t i = 0; merchant_id != NULL && i < biller->merchant_count; i++) {
        if (g_ascii_strcasecmp(biller->merchants[i].merchant_id, merchant_id) == 0)
            return &biller->merchants[i];
    }
    return NULL;
}

static const WorldBiller *find_account(const char *account)
{
    for (size_t i = 0; i < world_biller_count; i++) {
        if (g_strcmp0(world_billers[i].account, account) == 0)
            return &world_billers[i];
    }
    return NULL;
}

bool world_knows_account(const char *account)
{
    return g_strcmp0(account, WORLD_TEST_ACCOUNT) == 0 || find_account(account) != NULL;
}

bool world_account_serves(const char *account, const char *merchant_id)
{
    const WorldBiller *biller = find_account(account);
    if (biller == NULL)
        return g_strcmp0(account, WORLD_TEST_ACCOUNT) == 0;
    return world_find_merchant(biller, merchant_id) != NULL;
}

char *world_sender_address(const WorldBiller *biller, const WorldMerchant *merchant)
{
    return biller->address != NULL ? g_strdup(biller->address)
                                   : g_strdup_printf("%s@%s", merchant->mailbox, biller->domain);
}
