"""Files of an invoice: its attachments before the release, its PDF after the numbering (Q50).

Both are settings, off by default (R72, R213, Q23). A refusal is an issue and never blocks.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schema import database
from schema.models import Attachment, Attempt, Invoice
from schema.words import AttemptState, Entity, InvoiceKind
from worker.context import Context
from worker.sync import push, report
from worker.sync.rules import attachment
from worker.sync.rules.attachment import Content
from worker.sync.rules.invoice import books, facts
from worker.sync.rules.invoice.naming import name_of
from worker.vendors.errors import OutcomeUnknown, RecordMissing, VendorRefused
from worker.vendors.financials import operations
from worker.vendors.records import Answer, Record, Upload
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

ATTACHMENTS, PDF = "attachments", "pdf_after_release"
# The key under which the PDF stands among the files of an invoice.
_PDF = "pdf"
_STEMS = {InvoiceKind.INVOICE: "invoice", InvoiceKind.CREDIT_NOTE: "credit-note"}
# An invoice that was numbered longer ago gets no PDF by itself.
_LATE = timedelta(days=1)
_LACKING = """
SELECT i.id FROM invoice i
WHERE i.integration_id = $1 AND i.numbered_at > $2 AND i.released_at IS NOT NULL
  AND i.cancelled_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM attachment a
    WHERE a.record_id = i.id AND a.source_id = 'pdf' AND a.copied_at IS NOT NULL)
ORDER BY i.id
"""


async def attach(ctx: Context, invoice: Invoice) -> None:
    """Bring the attachments of an invoice to its draft, each once.

    Raises OutcomeUnknown when one may have landed, VendorError.
    """
    if not ctx.references.options.get(ATTACHMENTS):
        return
    pages = ctx.severa.pages(SEVERA["invoice_files"], path={"invoiceGuid": invoice.severa_id})
    files = [row async for page in pages for row in page.rows]
    if not files:
        return
    try:
        draft = (await books.read(ctx, invoice)).body
    except RecordMissing:
        return  # A person deleted the draft; releasing it will say so.
    standing = {str(row["id"]): str(row["name"]) for row in draft.get("attachments") or ()}
    refused = []
    for file in files:
        try:
            await _attach_one(ctx, invoice, file, standing)
        except VendorRefused as error:
            refused.append(f"{file.get('name')}: {error.message}")
    await _say(ctx, invoice, "files", refused)


async def _attach_one(
    ctx: Context, invoice: Invoice, file: Record, standing: dict[str, str]
) -> None:
    """Attach one file; `standing` holds what is attached already, names by id."""
    source = str(file["fileGuid"])
    row = await attachment.row_of(
        ctx,
        entity=Entity.INVOICE,
        record_id=invoice.id,
        source_id=source,
        name=attachment.named(file.get("name"), str(file.get("contentType")), otherwise="file"),
        text=str(file.get("description") or ""),
    )
    if row.target_id in standing or await _was_refused(invoice, row):
        return
    content = attachment.content_of(await ctx.severa.read(severa.FILE_DATA, path={"guid": source}))
    await attachment.note_content(ctx, row, content)
    target = await _found(ctx, invoice, row, content, standing)
    if target is not None:
        async with ctx.transaction():
            await attachment.note_copied(ctx, row, target)
        return
    row.name = attachment.name_for(row.name, {name.casefold() for name in standing.values()})
    standing[await _upload(ctx, invoice, row, content, "attach")] = row.name


async def _was_refused(invoice: Invoice, row: Attachment) -> bool:
    """Tell whether this draft refused the file already."""
    found = await Attempt.filter(
        record_id=invoice.id, purpose="invoice.attach", state=AttemptState.REFUSED
    )
    since = invoice.drafted_at
    return any(
        item.context.get("attachment") == str(row.id)
        for item in found
        if since is None or item.created_at >= since
    )


async def _found(
    ctx: Context,
    invoice: Invoice,
    row: Attachment,
    content: Content,
    standing: Mapping[str, str],
) -> str | None:
    """Find a file of this name and content at the draft that no other file of ours is."""
    mine = await Attachment.filter(record_id=invoice.id, target_id__in=list(standing))
    taken = {item.target_id for item in mine if item.id != row.id}
    for target, name in standing.items():
        if target in taken or name != row.name:
            continue
        path = {"attachmentId": target}
        answer = await ctx.financials.read(operations.ATTACHMENT_READ, path=path)
        if attachment.content_of(answer).digest == content.digest:
            return target
    return None


async def _upload(
    ctx: Context, invoice: Invoice, row: Attachment, content: Content, word: str
) -> str:
    calls = books.CALLS[invoice.kind]

    async def uploaded(answer: Answer, attempt: Attempt) -> None:
        await attachment.note_copied(ctx, row, str(answer.location_key))
        await facts.note(ctx, invoice, "attached", f"{row.name} attached in Financials.")

    upload = Upload(name=row.name, content=content.data, content_type=content.media_type)
    write = books.write(
        invoice,
        word,
        calls.attach,
        f"attach {row.name} to {invoice.number} in Financials",
        path={calls.place: str(invoice.number)},
        files=(upload,),
        context={"attachment": str(row.id)},
    )
    answer = await push.push(ctx, write, after=uploaded)
    return str(answer.location_key)


async def _say(ctx: Context, invoice: Invoice, what: str, refused: list[str]) -> None:
    subject = f"{facts.subject_of(invoice)}:{what}"
    async with ctx.transaction():
        if not refused:
            await report.resolve(ctx, subject=subject)
            return
        problem = report.Problem(
            code="file_refused",
            cause=f"{name_of(invoice)}: {'; '.join(refused)}",
            subject=subject,
            records=((Entity.INVOICE, invoice.id),),
        )
        await report.report(ctx, problem)


async def attach_pdfs(ctx: Context) -> None:
    """Attach the PDF of every invoice that was numbered lately and has none yet."""
    if not ctx.references.options.get(PDF):
        return
    rows = await database.rows(_LACKING, ctx.integration.id, ctx.clock() - _LATE)
    for row in rows:
        await ctx.breathe()
        await attach_pdf(ctx, await Invoice.get(id=row["id"]))


async def attach_pdf(ctx: Context, invoice: Invoice) -> None:
    """Attach the PDF with the number to a booked document; whatever happens, the invoice goes on.

    Raises VendorError of the reading only, when a vendor is down or denies us.
    """
    if not ctx.references.options.get(PDF) or invoice.numbered_at is None:
        return
    row = await attachment.row_of(
        ctx,
        entity=Entity.INVOICE,
        record_id=invoice.id,
        source_id=_PDF,
        name=f"{_STEMS[invoice.kind]}-{invoice.number}.pdf",
    )
    if row.copied_at is not None or await _pdf_refused(invoice):
        return
    try:
        await _render(ctx, invoice, row)
    except VendorRefused as error:
        await _say(ctx, invoice, _PDF, [f"{row.name}: {error.message}"])
    except (OutcomeUnknown, push.StillUncertain):
        return  # It is looked up once that is an answer.
    else:
        await _say(ctx, invoice, _PDF, [])


async def _pdf_refused(invoice: Invoice) -> bool:
    return await Attempt.exists(
        record_id=invoice.id, purpose="invoice.pdf", state=AttemptState.REFUSED
    )


async def _render(ctx: Context, invoice: Invoice, row: Attachment) -> None:
    found = await push.open_attempts(invoice.id)
    attempts = [item for item in found if item.purpose == "invoice.pdf"]
    push.require_due(ctx, attempts)
    params: dict[str, Any] = {"invoiceType": "Invoice", "pdfGetOptions": "InvoiceOnly"}
    answer = await ctx.severa.read(
        severa.INVOICE_PDF, path={"guid": invoice.severa_id}, params=params
    )
    content = attachment.content_of(answer)
    await attachment.note_content(ctx, row, content)
    document = (await books.read(ctx, invoice)).body
    shown = document.get("attachments") or ()
    target = next((str(item["id"]) for item in shown if item.get("name") == row.name), None)
    await _settled(ctx, invoice, row, attempts, target)
    if target is None:
        await _upload(ctx, invoice, row, content, _PDF)


async def _settled(
    ctx: Context,
    invoice: Invoice,
    row: Attachment,
    attempts: list[Attempt],
    target: str | None,
) -> None:
    """Write down what the document shows; its own PDF would be another one each time."""
    state = AttemptState.NOT_DONE if target is None else AttemptState.SUCCEEDED
    words = "found nothing." if target is None else f"found {row.name}."
    evidence = f"Looked at {invoice.number} at {ctx.clock():%H:%M:%S}, {words}"
    async with ctx.transaction():
        for item in attempts:
            await push.settle(ctx, item, state=state, evidence=evidence, key=target)
        if target is not None:
            await attachment.note_copied(ctx, row, target)
