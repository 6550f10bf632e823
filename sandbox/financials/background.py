"""Background calls: 202 with a job, its state, and the real answer for a day."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from sandbox.http import Call, Handler, Refused, Reply

from .door import compact, found
from .errors import GatewayRefused, NotFound
from .state import FinancialsState, Job, LedgerCompany

HEADER = "erp-api-background"
KEPT = timedelta(hours=24)
SHOWN_IN = ZoneInfo("Europe/Oslo")
AT_ONCE = ("/v1/supplierinvoice", "/v2/journaltransaction")
# Actions that declare nothing but 202.
ONLY_BACKGROUND = frozenset(
    {
        "POST /v1/customerinvoice/{invoiceNumber}/action/correct",
        "POST /v1/customerinvoice/{invoiceNumber}/action/reverse",
        "POST /v1/customerinvoice/{invoiceNumber}/action/sendToAutoInvoice",
        "POST /v1/customerCreditNote/{creditNoteNumber}/action/sendToAutoInvoice",
        "POST /v1/customerPayment/{paymentNumber}/action/release",
        "POST /v1/customerPayment/{paymentNumber}/action/void",
        "POST /v1/supplierInvoice/{documentType}/{invoiceNumber}/action/release",
        "POST /v1/supplierInvoice/{documentType}/{invoiceNumber}/action/reverse",
        "POST /v1/supplierInvoice/{documentType}/{invoiceNumber}/action/voidinvoice",
        "POST /v1/supplierInvoice/{invoiceNumber}/action/release",
        "POST /v2/journaltransaction/{journalTransactionNumber}/action/release",
    }
)


def runs_in_background(call: Call) -> bool:
    """Say whether the handler works inside a background job."""
    return HEADER in call.headers or call.op.name in ONLY_BACKGROUND


async def around(call: Call, handler: Handler) -> Reply:
    """Queue a call that asked for the background; everything else is answered at once."""
    if call.op.open or "/background/" in call.op.path or not runs_in_background(call):
        return await handler(call)
    company: LedgerCompany = call.company
    job = Job(
        id=str(uuid4()),
        operation=call.op.name,
        uri=call.base + call.op.path,
        received=company.utc(),
        had_body=bool(call.body),
        notify=call.headers.get(HEADER, "none"),
    )
    company.jobs[job.id] = job
    if call.op.path.lower().startswith(AT_ONCE) and HEADER not in call.headers:
        await _run(company, job, call, handler, delay=0.0)
    else:
        delay = company.assume.release_delay
        call.world.later(_run(company, job, call, handler, delay=delay))
    state = f"{call.base}/v1/background/{job.id}"
    return Reply(status=202, body={"id": job.id, "stateLocation": state})


async def _run(
    company: LedgerCompany, job: Job, call: Call, handler: Handler, *, delay: float
) -> None:
    job.started = company.utc()
    if delay:
        await asyncio.sleep(delay)
    reply = await _reply(company, job, call, handler)
    job.status_code = reply.status
    job.body, job.media_type = reply.raw(), reply.media_type
    job.headers = dict(reply.headers)
    job.finished = company.utc()
    job.status = "Finished"
    _notify(company, job, call.base)


async def _reply(company: LedgerCompany, job: Job, call: Call, handler: Handler) -> Reply:
    if company.fault(job.operation, "background_finished_400"):
        text = f"VismaId: {uuid4()}. Error: The sandbox was asked to fail here."
        return Reply(status=400, body={"message": text})
    try:
        return await handler(call)
    except Refused as refusal:
        return refusal.reply


def _notify(company: LedgerCompany, job: Job, base: str) -> None:
    if not job.notify.startswith("subscription"):
        return
    company.ring(
        "Background API Operation: Response Ready",
        {
            "eventCode": "BACKGROUND_API_RESPONSE",
            "operationId": job.id,
            "statusCode": job.status_code,
            "stateLocation": f"{base}/v1/background/{job.id}",
        },
    )


def _job(call: Call) -> Job:
    company: LedgerCompany = call.company
    job_id = call.params["requestId"].strip().lower()
    job = company.jobs.get(job_id)
    if job is None:
        state: FinancialsState = call.world.financials
        if any(job_id in other.jobs for other in state.companies.values()):
            raise GatewayRefused(
                status=403, code="12002", message="The operation belongs to another company."
            )
    return found(job)


def state(company: LedgerCompany, call: Call) -> Reply:
    """Tell how a background call stands; decide by `statusCode`, not by `status`."""
    job = _job(call)
    if company.utc() - job.received > KEPT:
        raise NotFound
    body = compact(
        id=job.id,
        status=job.status,
        statusCode=job.status_code,
        receivedUtc=_shown(job.received),
        startedUtc=_shown(job.started),
        finishedUtc=_shown(job.finished),
        errorMessage=job.error,
        originalUri=job.uri,
        hasResponseContent=bool(job.body),
        hasRequestContent=job.had_body,
        contentLocation=f"{call.base}/v1/background/{job.id}/content",
        responseHeaders=job.headers if job.finished else None,
    )
    return Reply(body=body)


def content(company: LedgerCompany, call: Call) -> Reply:
    """Give the body of the real answer, for a day."""
    job = _job(call)
    if company.utc() - job.received > KEPT:
        return Reply(status=410)
    if job.finished is None:
        raise NotFound
    return Reply(body=job.body, media_type=job.media_type) if job.body else Reply(status=200)


def _shown(moment: datetime | None) -> str | None:
    """Show a time named Utc as the vendor does: with the offset of Oslo."""
    return None if moment is None else moment.astimezone(SHOWN_IN).isoformat()
