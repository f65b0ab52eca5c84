/* saldo.conf, from one table. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/span.h"

typedef enum ConfigType { TYPE_TEXT, TYPE_PATH, TYPE_NUMBER, TYPE_FLAG } ConfigType;


static const struct {
    const char *section, *key;
    ConfigType type;
    const char *otherwise, *doc;
} keys[CONFIG_KEY_COUNT] = {
    [CONFIG_SERVER_LISTEN] = { "server", "listen", TYPE_TEXT, "127.0.0.1:8080", "Address and port of the HTTP server; put nginx in front for the network." },
    [CONFIG_SERVER_PUBLIC_URL] = { "server", "public_url", TYPE_TEXT, "http://127.0.0.1:8080", "What browsers and billers call this server; https for anything but loopback." },
    [CONFIG_SERVER_WEB_DIRECTORY] = { "server", "web_directory", TYPE_PATH, "", "The built web app; empty: the one installed beside the program." },
    [CONFIG_SERVER_METRICS_SOCKET] = { "server", "metrics_socket", TYPE_PATH, "metrics.sock", "Unix socket for /metrics; empty: none." },
    [CONFIG_LMTP_ADDRESS] = { "lmtp", "address", TYPE_TEXT, "127.0.0.1:2424", "Loopback address and port, or a path for a Unix socket, where the mail server delivers." },
    [CONFIG_LMTP_CONNECTIONS] = { "lmtp", "connections", TYPE_NUMBER, "20", "At most this many deliveries at once; more are told to come again." },
    [CONFIG_LMTP_MESSAGE_BYTES] = { "lmtp", "message_bytes", TYPE_NUMBER, "41943040", "Largest message in bytes (40 MiB)." },
    [CONFIG_DNS_FORWARD_TO] = { "dns", "forward_to", TYPE_TEXT, "", "Ask this DNS server (127.0.0.1@53); empty: the host's own configuration." },
    [CONFIG_DNS_ZONE_FILE] = { "dns", "zone_file", TYPE_PATH, "", "Answer the names in this zone file from it (demo, tests)." },
    [CONFIG_DNS_TRUST_ANCHOR] = { "dns", "trust_anchor", TYPE_TEXT, "", "One DS or DNSKEY record to validate DNSSEC from." },
    [CONFIG_DNS_NO_NETWORK] = { "dns", "no_network", TYPE_FLAG, "no", "Never ask a server: all that is not in zone_file does not exist." },
    [CONFIG_ARC_TRUSTED_SEALERS] = { "arc", "trusted_sealers", TYPE_TEXT, "", "Forwarders whose ARC seal counts, separated by spaces." },
    [CONFIG_JAIL_WORKERS] = { "jail", "workers", TYPE_NUMBER, "4", "Messages read at once, each in a process of its own." },
    [CONFIG_CHECKOUT_COURIERS] = { "checkout", "couriers", TYPE_NUMBER, "4", "Payments carried to billers at once." },
    [CONFIG_LOG_LEVEL] = { "log", "level", TYPE_TEXT, "info", "debug, info or warning." },
};

struct Config {
    char *values[CONFIG_KEY_COUNT];
};

void config_free(Config *config)
{
    if (config == NULL)
        return;
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        g_free(config->values[i]);
    g_free(config);
}

const char *config_text(const Config *config, ConfigKey key)
{
    return *config->values[key] == '\0' ? NULL : config->values[key];
}

uint64_t config_number(const Config *config, ConfigKey key)
{
    uint64_t number;
    g_assert(keys[key].type == TYPE_NUMBER && span_to_uint64(span_of(config->values[key]), &number));
    return number;
}

bool config_flag(const Config *config, ConfigKey key)
{
    g_assert(keys[key].type == TYPE_FLAG);
    return strcmp(config->values[key], "yes") == 0;
}

static int find_key(Span section, Span key)
{
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (span_equal(section, span_of(keys[i].section)) && span_equal(key, span_of(keys[i].key)))
            return i;
    return -1;
}

static bool is_section(Span name)
{
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (span_equal(name, span_of(keys[i].section)))
            return true;
    return false;
}

/* NULL, or what is wrong with the value. */
static const char *check_value(ConfigType type, const char *value)
{
    uint64_t number;
    switch (type) {
    case TYPE_TEXT:
    case TYPE_PATH: return NULL;
    case TYPE_NUMBER:
        return span_to_uint64(span_of(value), &number) && number > 0 && number <= G_MAXUINT32 ? NULL : "needs a whole number above 0";
    case TYPE_FLAG: return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ? NULL : "is yes or no";
    }
    g_assert_not_reached();
}

typedef struct ConfigReader {
    Config *config;
    const char *path, *state;
    Span section;
    unsigned line;
} ConfigReader;

static bool read_pair(ConfigReader *reader, Span line, GError **error)
{
    size_t equals = span_find_byte(line, '=');
    Span key = span_trim(span_slice(line, 0, equals));
    int which = find_key(reader->section, key);
    if (equals == line.length || which < 0) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s, line %u: \"%.*s\" is not a key of [%.*s]; `saldo config show` lists them",
            reader->path, reader->line, (int)key.length, key.at, (int)reader->section.length, reader->section.at);
        return false;
    }
    g_autofree char *value = span_to_text(span_trim(span_slice(line, equals + 1, line.length)));
    const char *trouble = value == NULL ? "holds a NUL byte" : check_value(keys[which].type, value);
    if (trouble != NULL) {
        error_set(error, SALDO_ERROR_BAD_INPUT, "%s, line %u: %s %s", reader->path, reader->line, keys[which].key, trouble);
        return false;
    }
    g_free(reader->config->values[which]);
    reader->config->values[which] = g_steal_pointer(&value);
    return true;
}

static bool read_line(ConfigReader *reader, Span line, GError **error)
{
    line = span_trim(line);
    if (line.length == 0 || line.at[0] == '#' || line.at[0] == ';')
        return true;
    if (line.at[0] != '[')
        return read_pair(reader, line, error);
    reader->section = span_slice(line, 1, line.length - 1);
    if (line.at[line.length - 1] == ']' && is_section(reader->section))
        return true;
    error_set(error, SALDO_ERROR_BAD_INPUT, "%s, line %u: %.*s is not a section; `saldo config show` lists them", reader->path,
        reader->line, (int)line.length, line.at);
    return false;
}

static void make_paths_absolute(Config *config, const char *state)
{
    for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
        if (keys[i].type != TYPE_PATH || *config->values[i] == '\0')
            continue;
        char *absolute = g_canonicalize_filename(config->values[i], state);
        g_free(config->values[i]);
        config->values[i] = absolute;
    }
}

Config *config_read(const char *state, GError **error)
{
    g_autofree char *path = g_build_filename(state, "saldo.conf", NULL), *text = NULL;
    size_t length;
    if (!g_file_get_contents(path, &text, &length, NULL)) {
        error_set(error, SALDO_ERROR_NOT_FOUND,
            "there is no %s: make one with `saldo init --state %s`, or name another directory with --state", path, state);
        return NULL;
    }
    g_autoptr(Config) config = g_new0(Config, 1);
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        config->values[i] = g_strdup(keys[i].otherwise);
    ConfigReader reader = { .config = config, .path = path, .state = state, .section = SPAN_EMPTY };
    Span rest = { text, length }, line;
    while (span_cut(&rest, '\n', &line)) {
        reader.line++;
        if (!read_line(&reader, line, error))
            return NULL;
    }
    make_paths_absolute(config, state);
    return g_steal_pointer(&config);
}

static void write_keys(GString *out, const char *const *values)
{
    for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
        if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0)
            g_string_append_printf(out, "%s[%s]\n", i == 0 ? "" : "\n", keys[i].section);
        g_string_append_printf(out, "# %s\n%s = %s\n", keys[i].doc, keys[i].key, values[i]);
    }
}

char *config_template(const char *const *overrides)
{
    const char *values[CONFIG_KEY_COUNT];
    for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
        g_autofree char *name = g_strdup_printf("%s.%s", keys[i].section, keys[i].key);
        values[i] = keys[i].otherwise;
        for (const char *const *pair = overrides; pair != NULL && *pair != NULL; pair += 2)
            if (strcmp(pair[0], name) == 0)
                values[i] = pair[1];
    }
    g_autoptr(GString) out = g_string_new("# Configuration of a Saldo server. Secrets never stand here.\n\n");
    write_keys(out, values);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *config_show(const Config *config)
{
    g_autoptr(GString) out = g_string_new(NULL);
    write_keys(out, (const char *const *)config->values);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* In scdoc an underscore and a star begin emphasis. */
static char *scdoc_escape(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (; *text != '\0'; text++) {
        if (strchr("_*\\", *text) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *config_man_page(void)
{
    g_autoptr(GString) out = g_string_new("saldo.conf(5)\n\n# NAME\n\nsaldo.conf - configuration of a Saldo server\n\n"
                                          "# DESCRIPTION\n\nAn INI file in the state directory. Every key may be left out; an unknown "
                                          "section or key is an error that names its line. Relative paths start at the state directory. "
                                          "Flags are yes or no. Secrets never stand here.\n");
    for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
        if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
            g_autofree char *heading = g_ascii_strup(keys[i].section, -1);
            g_string_append_printf(out, "\n# [%s]\n", heading);
        }
        g_autofree char *name = scdoc_escape(keys[i].key);
        g_autofree char *doc = scdoc_escape(keys[i].doc);
        g_autofree char *otherwise = scdoc_escape(*keys[i].otherwise == '\0' ? "(empty)" : keys[i].otherwise);
        g_string_append_printf(out, "\n*%s* = %s\n\t%s\n", name, otherwise, doc);
    }
    g_string_append(out, "\n# SEE ALSO\n\n*saldo*(1)\n");
    return g_string_free(g_steal_pointer(&out), FALSE);
}
