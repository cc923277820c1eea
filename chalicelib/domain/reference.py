"""References: numbers that stand for an order or a parcel, and say so themselves."""

import re

_BEFORE = 32
"""How many characters before a number are looked at for what it is called."""

_CALLED = re.compile(
    r"(?:\b(?!telef|handy|mobi|ruf|fax|durchwahl|whatsapp)\w{2,24}(?:nummer|nr)|"
    r"order|orders|tracking|parcel|shipment|invoice|reference|ref|ticket|serial|imei|case|claim|"
    r"account|customer|article|item|model|version|code|pin|policy|contract|booking|reservation|"
    r"flight|confirmation|transaction|receipt|voucher|sku|isbn|ean|upc|asin|vin|vat|iban|"
    r"bestell\w{0,9}|auftrags?\w{0,9}|sendungs?\w{0,9}|rechnungs?\w{0,9}|kunden-nr|"
    r"vorgangs?\w{0,9}|paket\w{0,9}|artikel\w{0,9}|"
    r"commande|colis|suivi|facture|client|pedido|factura|env[ií]o|paquete|"
    r"ordine|fattura|spedizione|pacco|bestelling|pakket|factuur|klantnummer)"
    r"(?: ?(?:number|num|no|nr|n\.?o|id|nummer|n[uú]mero|numero))?[ .:#°º-]{0,4}\Z",
    re.IGNORECASE,
)


def is_reference(text: str, start: int) -> bool:
    """Return whether the number that begins here is called an order's, a parcel's or the like."""
    return _CALLED.search(text, max(0, start - _BEFORE), start) is not None
