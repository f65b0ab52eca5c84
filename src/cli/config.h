/* saldo.conf: one INI file, one table {section, key, type, default, doc}; secrets never stand in it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum ConfigKey {
    CONFIG_SERVER_LISTEN, CONFIG_SERVER_PUBLIC_URL, CONFIG_SERVER_WEB_DIRECTORY, CONFIG_SERVER_METRICS_SOCKET,
    CONFIG_LMTP_ADDRESS, CONFIG_LMTP_CONNECTIONS, CONFIG_LMTP_MESSAGE_BYTES,
    CONFIG_DNS_FORWARD_TO, CONFIG_DNS_ZONE_FILE, CONFIG_DNS_TRUST_ANCHOR, CONFIG_DNS_NO_NETWORK,
    CONFIG_ARC_TRUSTED_SEALERS, CONFIG_JAIL_WORKERS, CONFIG_CHECKOUT_COURIERS, CONFIG_LOG_LEVEL,
    CONFIG_KEY_COUNT,
} ConfigKey;

typedef struct Config Config;

/* Reads DIR/saldo.conf; every key may be left out. NULL and `error` with file and line for an unknown section, an
 * unknown key or a value of the wrong kind. A missing file is an error that names `saldo init`. */
Config *config_read(const char *state, GError **error);
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* NULL where the key is empty. Relative paths were made absolute against the state directory. */
const char *config_text(const Config *config, ConfigKey key);
uint64_t config_number(const Config *config, ConfigKey key);
bool config_flag(const Config *config, ConfigKey key);

/* Every key with its doc, as the file itself is written: for `saldo init` and `saldo config show`. Values that
 * `overrides` gives (NULL-terminated "section.key", "value" pairs) replace the defaults. Newly allocated. */
char *config_template(const char *const *overrides);
/* The values in force, in the same form. */
char *config_show(const Config *config);
/* The man page saldo.conf(5) as scdoc source. */
char *config_man_page(void);
