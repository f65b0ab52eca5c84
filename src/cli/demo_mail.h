/* Delivering the demo's mails over LMTP, as a mail server would. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Whether something listens at 127.0.0.1:port. */
bool demo_port_answers(int port);

/* Sends every DIR/mail/ *.eml to the recipient, with the envelope that DIR/envelopes.tsv gives
 * (file, client address, HELO, sender). */
bool demo_deliver_all(const char *samples, int port, const char *recipient, unsigned *ret_delivered, GError **error);
