"""A small, valid PDF of an invoice, good enough to open and to recognize."""

from __future__ import annotations

from sandbox.severa.state import Organization
from sandbox.severa.table import Record


def invoice_pdf(org: Organization, invoice: Record) -> bytes:
    """Render an invoice; its number is on it only once it has one."""
    currency = org.need("currencies", invoice["currency"])["code"]
    return text_pdf(
        [
            "Credit note" if invoice["isCreditNote"] else "Invoice",
            f"Number: {invoice['number'] if invoice['number'] is not None else '-'}",
            f"Reference: {invoice['referenceNumber'] or '-'}",
            f"Date: {invoice['date']}  Due: {invoice['dueDate']}",
            f"To: {invoice['receiverCustomerName']}",
            f"Order: {invoice['orderNumber'] or '-'}",
            f"Total: {invoice['gross']} {currency}",
        ]
    )


def text_pdf(lines: list[str]) -> bytes:
    """Write lines of text on one A4 page."""
    shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 60 780 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _document(objects)


def _document(objects: list[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    places = []
    for place, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (place, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return out + head + table + tail


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
