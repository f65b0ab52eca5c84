/* The XML formats that are read here, one file each: a table of paths and what is peculiar to the format. */
#pragma once

#include "xml.h"

extern const XmlFormat ubl_invoice, ubl_credit_note;                    /* ubl.c */
extern const XmlFormat cii_invoice;                                     /* cii.c */
extern const XmlFormat zugferd1_invoice;                                /* zugferd1.c */
extern const XmlFormat ksef_fa1, ksef_fa2, ksef_fa3, ksef_rr1;          /* ksef.c */
extern const XmlFormat fatturapa_invoice, fatturapa_simplified;         /* fatturapa.c */
extern const XmlFormat facturae_invoice;                                /* facturae.c */

/* All of them, NULL at the end. */
extern const XmlFormat *const invoice_xml_formats[]; /* read_xml.c */
