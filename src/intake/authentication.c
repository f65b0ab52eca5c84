/* A mail authentication report as JSON: what `saldo inspect` prints and the store archives. */
#include "intake/intake.h"

#include "base/json.h"

static json_t *dkim_to_json(const mailauth_dkim *signature)
{
    json_t *object = json_object();
    json_put_text(object, "result", mailauth_result_name(signature->result));
    json_put_text(object, "domain", signature->domain);
    json_put_text(object, "selector", signature->selector);
    json_put_text(object, "algorithm", signature->algorithm);
    json_put_text(object, "reason", signature->reason);
    json_put_flag(object, "aligned", signature->aligned);
    json_put_flag(object, "dnssec", signature->dnssec);
    json_put_integer(object, "key_bits", signature->key_bits);
    return object;
}

static const char *mechanism_name(mailauth_mechanism mechanism)
{
    switch (mechanism) {
    case MAILAUTH_BY_NOBODY: return "nobody";
    case MAILAUTH_BY_SPF: return "spf";
    case MAILAUTH_BY_DKIM: return "dkim";
    }
    g_assert_not_reached();
}

static json_t *evidence_to_json(const mailauth_evidence *evidence)
{
    static const char *const dnssec_names[] = { "insecure", "secure", "bogus" };
    json_t *object = json_object();
    json_put_text(object, "name", evidence->name);
    json_put_integer(object, "type", evidence->type);
    json_put_integer(object, "rcode", evidence->rcode);
    json_put_text(object, "dnssec", dnssec_names[evidence->dnssec]);
    json_put_text(object, "text", evidence->text);
    return object;
}

json_t *authentication_to_json(const mailauth_report *report)
{
    json_t *object = json_object();
    json_put_text(object, "from_address", report->from_address);

    json_t *dkim = json_array();
    for (size_t i = 0; i < report->dkim_count; i++)
        json_array_append_new(dkim, dkim_to_json(&report->dkim[i]));
    json_object_set_new(object, "dkim", dkim);

    json_t *spf = json_object();
    json_put_text(spf, "result", mailauth_result_name(report->spf.result));
    json_put_text(spf, "domain", report->spf.domain);
    json_put_text(spf, "reason", report->spf.reason);
    json_put_flag(spf, "aligned", report->spf.aligned);
    json_object_set_new(object, "spf", spf);

    json_t *dmarc = json_object();
    json_put_text(dmarc, "result", mailauth_result_name(report->dmarc.result));
    json_put_text(dmarc, "domain", report->dmarc.domain);
    json_put_text(dmarc, "policy", report->dmarc.policy);
    json_put_text(dmarc, "reason", report->dmarc.reason);
    json_object_set_new(object, "dmarc", dmarc);

    json_t *arc = json_object();
    json_put_text(arc, "result", mailauth_result_name(report->arc.result));
    json_put_text(arc, "reason", report->arc.reason);
    json_object_set_new(object, "arc", arc);

    json_t *vouched = json_object();
    json_put_text(vouched, "by", mechanism_name(report->vouched.by));
    json_put_text(vouched, "domain", report->vouched.domain);
    json_object_set_new(object, "vouched", vouched);

    json_t *warnings = json_array();
    for (size_t i = 0; i < report->warning_count; i++)
        json_array_append_new(warnings, json_from_text(report->warnings[i]));
    json_object_set_new(object, "warnings", warnings);

    json_t *evidence = json_array();
    for (size_t i = 0; i < report->evidence_count; i++)
        json_array_append_new(evidence, evidence_to_json(&report->evidence[i]));
    json_object_set_new(object, "evidence", evidence);
    return object;
}
