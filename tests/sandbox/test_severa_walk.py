"""A walk over every operation of the fake Severa; each answer is held against the document."""

from typing import Any

from sandbox.severa.routes import SIDE
from tests.sandbox.talk import Talk, talking

UPLOAD = (
    b"--frontier\r\nContent-Type: application/json\r\n\r\n"
    b'{"Description": "Receipt", "Name": "taxi.pdf"}\r\n'
    b"--frontier\r\nContent-Type: application/pdf\r\n\r\n%PDF-\x00\xff\r\n--frontier--\r\n"
)


class TestWalk:
    async def test_every_operation_answers_as_the_document_says(self) -> None:
        async with talking() as talk:
            made = await talk.control(
                "POST", "/severa/invoices", {"count": 12, "mismatched": 1, "creditNotes": 2}
            )
            await _lists(talk)
            await _customers(talk)
            await _projects(talk)
            await _registers(talk)
            await _settings(talk)
            await _entries(talk)
            await _invoices(talk, made)
            await _tokens(talk)
            walked = talk.seen | {"POST /v1/token"}
            assert sorted({op.name for op in SIDE.ops} - walked) == []


async def _lists(talk: Talk) -> None:
    """Read every list that needs no record first."""
    for op in SIDE.ops:
        if op.method == "GET" and "{" not in op.path:
            answer = await talk.raw("GET", op.path)
            assert answer.status_code in (200, 204, 403), (op.name, answer.text)


async def _customers(talk: Talk) -> None:
    country = (await talk.get("/v1/localization/countries"))[0]
    customer = await talk.post("/v1/customers", {"name": "Nykunde AS", "paymentTerm": 30})
    guid = customer["guid"]
    await talk.get(f"/v1/customers/{guid}")
    await talk.patch(f"/v1/customers/{guid}", name="Nykunde Nord AS", number=4711)
    address = await talk.post(
        f"/v1/customers/{guid}/addresses",
        {"addressline": "Gata 1", "country": {"guid": country["guid"]}, "isBillingAddress": True},
    )
    await talk.get(f"/v1/addresses/{address['guid']}")
    await talk.patch(f"/v1/addresses/{address['guid']}", city="Oslo", country__guid=country["guid"])
    await talk.get(f"/v1/customers/{guid}/addresses")
    await talk.patch(f"/v1/customers/{guid}", headquarterAddress__guid=address["guid"])
    await _contacts(talk, guid, address["guid"])
    await _customer_extras(talk, guid, country["guid"])
    await talk.patch(f"/v1/customers/{guid}", headquarterAddress=None)
    await talk.delete(f"/v1/addresses/{address['guid']}")
    await talk.delete(f"/v1/customers/{guid}")


async def _contacts(talk: Talk, customer: str, address: str) -> None:
    contact = await talk.post(
        "/v1/contactpersons",
        {
            "customer": {"guid": customer},
            "firstName": "Kari",
            "lastName": "Lie",
            "addressGuid": address,
            "salutation": "Ms.",
        },
    )
    guid = contact["guid"]
    kind = (await talk.get("/v1/communicationtypes"))[0]["guid"]
    channel = await talk.post(
        "/v1/contactcommunications",
        {"contact": {"guid": guid}, "communicationType": {"guid": kind}, "value": "k@x.example"},
    )
    await talk.get(f"/v1/contactcommunications/{channel['guid']}")
    shown = await talk.patch(f"/v1/contactcommunications/{channel['guid']}", value="kari@x.example")
    assert shown["value"] == "kari@x.example"
    await talk.get(f"/v1/contacts/{guid}/contactcommunications")
    await talk.get(f"/v1/contactpersons/{guid}")
    await talk.patch(f"/v1/contactpersons/{guid}", jobTitle="CEO")
    await talk.get(f"/v1/contactpersons/{guid}/addresses")
    await talk.get(f"/v1/customers/{customer}/contactpersons")
    await talk.delete(f"/v1/contactcommunications/{channel['guid']}")
    await talk.delete(f"/v1/contactpersons/{guid}")


async def _customer_extras(talk: Talk, guid: str, country: str) -> None:
    setting = await talk.post(
        "/v1/customercountrysettings",
        {"customer": {"guid": guid}, "country": {"guid": country}, "isTaxFree": True},
    )
    await talk.get(f"/v1/customers/{guid}/customercountrysettings")
    await talk.patch(f"/v1/customercountrysettings/{setting['guid']}", isTaxFree=False)
    await talk.delete(f"/v1/customercountrysettings/{setting['guid']}")
    await talk.raw("GET", f"/v1/customers/{guid}/customvalues")
    await talk.get(f"/v1/customers/{guid}/projects")


async def _projects(talk: Talk) -> None:
    customer = (await talk.get("/v1/customers", isInternal="false"))[0]["guid"]
    user = (await talk.get("/v1/users"))[0]["guid"]
    won = (await talk.get("/v1/salesstatustypes", salesState="Won"))[0]["guid"]
    project = await talk.post(
        "/v1/projects",
        {"name": "Walk", "customer": {"guid": customer}, "projectOwner": {"guid": user}},
    )
    guid = project["guid"]
    await talk.get(f"/v1/projects/{guid}")
    shown = await talk.patch(f"/v1/projects/{guid}", salesStatus__salesStatusTypeGuid=won)
    assert shown[0]["probability"] == 100
    for tail in ("salesstatushistory", "phaseswithhierarchy", "projectbillingcustomers"):
        await talk.get(f"/v1/projects/{guid}/{tail}")
    await talk.raw("GET", f"/v1/projects/{guid}/customvalues")
    phase = await talk.post(
        "/v1/phases", {"name": "Design", "parentPhase": {"guid": project["rootPhase"]["guid"]}}
    )
    await talk.get(f"/v1/phases/{phase['guid']}")
    await talk.patch(f"/v1/phases/{phase['guid']}", isCompleted=True)
    await talk.delete(f"/v1/phases/{phase['guid']}")
    biller = await talk.post(
        "/v1/projectbillingcustomers",
        {"project": {"guid": guid}, "billingCustomer": {"guid": customer}},
    )
    one = f"/v1/projectbillingcustomers/{biller['guid']}"
    await talk.get(one)
    await talk.patch(one, isDefault=True)
    await talk.delete(one)
    await _files(talk, guid)
    await talk.delete(f"/v1/projects/{guid}")


async def _files(talk: Talk, project: str) -> None:
    answer = await talk.raw(
        "POST",
        f"/v1/projects/{project}/files",
        content=UPLOAD,
        headers={"content-type": 'multipart/related; boundary="frontier"'},
    )
    assert answer.status_code == 201
    file = answer.json()[0]
    assert (file["name"], file["description"]) == ("taxi.pdf", "Receipt")
    await talk.get(f"/v1/projects/{project}/files")
    await talk.get(f"/v1/projectfiles/{file['guid']}")
    await talk.get(f"/v1/files/{file['fileGuid']}", includeDataInResponse="true")
    assert await talk.get(f"/v1/files/{file['fileGuid']}/filedata") == b"%PDF-\x00\xff"
    await talk.delete(f"/v1/projectfiles/{file['guid']}")


async def _registers(talk: Talk) -> None:
    zero = {"amount": 0, "currencyCode": "NOK"}
    bodies: dict[str, dict[str, Any]] = {
        "products": {"code": "W1", "name": "Walked", "unitPrice": zero, "vatRate": 25},
        "worktypes": {"code": "W2", "name": "Walking"},
        "travelexpensetypes": {
            "code": "W3",
            "name": "Walks",
            "expenseClass": "Mileage",
            "unitCost": zero,
        },
        "productcategories": {"name": "Walks"},
    }
    for name, body in bodies.items():
        await _round(talk, name, body, name="Changed")


async def _round(talk: Talk, path: str, body: dict[str, Any], /, **change: Any) -> None:
    """Create, read, patch and delete one record."""
    made = await talk.post(f"/v1/{path}", body)
    one = f"/v1/{path}/{(made[0] if isinstance(made, list) else made)['guid']}"
    await talk.get(one)
    shown = await talk.patch(one, **change)
    assert isinstance(shown, list)
    await talk.delete(one)


async def _settings(talk: Talk) -> None:
    rounds: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "businessunits": ({"name": "North"}, {"code": "N"}),
        "vatrates": ({"percentage": 7}, {"code": "7"}),
        "invoicestatuses": ({"name": "Spare"}, {"sortOrder": 9}),
        "salesstatustypes": ({"name": "Warm", "salesState": "InProgress"}, {"isActive": False}),
        "projectstatustypes": ({"name": "Idle"}, {"sortOrder": 3}),
        "phasestatustypes": ({"name": "Idle"}, {"sortOrder": 3}),
        "communicationtypes": ({"name": "Pager", "type": "Phone"}, {"name": "Beeper"}),
        "salesaccounts": ({"name": "Sales 2", "number": "3001"}, {"name": "Sales two"}),
        "costaccounts": ({"name": "Cost 2", "number": "4001"}, {"name": "Cost two"}),
        "costcenters": ({"name": "North", "identifier": "N"}, {"identifier": "NN"}),
        "users": ({"firstName": "Ola", "lastName": "Lie"}, {"title": "Clerk"}),
    }
    for name, (body, change) in rounds.items():
        await _round(talk, name, body, **change)
    currency = (await talk.get("/v1/currencies"))[1]
    await talk.get(f"/v1/currencies/{currency['guid']}")
    await talk.patch(f"/v1/currencies/{currency['guid']}", rate=11.7)
    await talk.raw("GET", "/v1/bankaccounts/none")
    template = (await talk.get("/v1/invoicetemplates"))[0]
    await talk.get(f"/v1/invoicetemplates/{template['guid']}")
    await _localization(talk)


async def _localization(talk: Talk) -> None:
    places = "/v1/localization"
    country = (await talk.get(f"{places}/countries"))[0]
    assert (await talk.get(f"{places}/countries/{country['guid']}"))["code2"] == "NO"
    for name in ("NO", "NOR", "Norway"):
        assert (await talk.get(f"{places}/countries/{name}"))[0]["guid"] == country["guid"]
    region = (await talk.get(f"{places}/countries/{country['guid']}/countryregions"))[0]
    await talk.get(f"{places}/countryregions/{region['guid']}")
    for name in ("languages", "timezones"):
        row = (await talk.get(f"{places}/{name}"))[0]
        await talk.get(f"{places}/{name}/{row['guid']}")


async def _entries(talk: Talk) -> None:
    project = (await talk.get("/v1/projects", internal="false", isClosed="false"))[0]
    guid, phase = project["guid"], project["rootPhase"]["guid"]
    user = (await talk.get("/v1/users"))[0]["guid"]
    kind = (await talk.get("/v1/travelexpensetypes"))[0]["guid"]
    common = {"project": {"guid": guid}, "quantity": 1}
    staffed = {**common, "phase": {"guid": phase}, "user": {"guid": user}}
    await _round(talk, "projectfees", {**common, "name": "Fee"}, description="Changed")
    await _round(
        talk, "projecttravelexpenses", {**staffed, "travelExpense": {"guid": kind}}, quantity=2
    )
    await _round(talk, "workhours", {**staffed, "eventDate": "2026-11-20"}, quantity=2.5)
    for name in ("projectfees", "projecttravelexpenses", "workhours", "flatrates"):
        await talk.get(f"/v1/projects/{guid}/{name}")
    for name in ("projectfees", "projecttravelexpenses", "workhours"):
        assert len(await talk.get(f"/v1/deleted{name}")) == 1
    flat = (await talk.get("/v1/flatrates"))[0]
    await talk.get(f"/v1/flatrates/{flat['guid']}")


async def _invoices(talk: Talk, made: dict[str, list[str]]) -> None:
    for guid in (*made["invoices"], *made["creditNotes"]):
        await _one_invoice(talk, guid)
    for op in SIDE.ops:
        if op.path.startswith("/v1/invoicestatuses/{invoiceStatusGuid}"):
            await talk.raw("GET", op.path)
    await _draft(talk)


async def _one_invoice(talk: Talk, guid: str) -> None:
    await talk.get(f"/v1/invoices/{guid}")
    rows = await talk.get(f"/v1/invoices/{guid}/invoicerows")
    for op in SIDE.ops:
        if op.method == "GET" and op.path.startswith("/v1/invoices/{"):
            answer = await talk.raw("GET", op.path.replace("{invoiceGuid}", guid))
            assert answer.status_code in (200, 403, 404)
    await talk.get(f"/v1/invoices/{guid}/pdf")
    for file in await talk.get(f"/v1/invoices/{guid}/files"):
        await talk.get(f"/v1/invoicefiles/{file['guid']}")
    for op in SIDE.ops:
        if op.method == "GET" and op.path.startswith("/v1/invoicerows/{invoiceRowGuid}"):
            await talk.get(op.path.replace("{invoiceRowGuid}", rows[0]["guid"]))
    await talk.get(f"/v1/invoicerows/{rows[0]['guid']}")


async def _draft(talk: Talk) -> None:
    project = (await talk.get("/v1/projects", internal="false", isClosed="false"))[0]["guid"]
    price = {"amount": 100, "currencyCode": "NOK"}
    for name in ("One", "Two"):
        await talk.post(
            "/v1/projectfees",
            {"project": {"guid": project}, "name": name, "quantity": 1, "unitPrice": price},
        )
    body = {"projects": [{"guid": project}]}
    guid = (await talk.post("/v1/invoices", body))[0]["guid"]
    setting = (await talk.get(f"/v1/invoices/{guid}/invoicesettings"))["guid"]
    await talk.patch(f"/v1/invoicesettings/{setting}", isReverseCharged=True)
    rows = await talk.get(f"/v1/invoices/{guid}/invoicerows")
    await talk.patch(f"/v1/invoicerows/{rows[0]['guid']}", quantity=2)
    await talk.delete(f"/v1/invoicerows/{rows[1]['guid']}")
    await talk.patch(f"/v1/invoices/{guid}", notes="Changed", freeText1__value="Above")
    await talk.delete(f"/v1/invoices/{guid}/projects/{project}")
    await talk.delete(f"/v1/invoices/{guid}")


async def _tokens(talk: Talk) -> None:
    token = await talk.sign_in()
    refreshed = await talk.post("/v1/refreshtoken", token["refresh_token"], 200)
    answer = await talk.raw("POST", "/v1/signout", json=refreshed["refresh_token"])
    assert answer.status_code == 200
    await talk.post("/v1/refreshtoken", refreshed["refresh_token"], 401)
