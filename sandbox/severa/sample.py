"""Fills a Severa organization from a neutral sample company."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.samples.company import Address, Company, Firm, Item, Person, Project
from sandbox.severa import sample_settings as settings
from sandbox.severa.acts import create_drafts
from sandbox.severa.customer import name_key
from sandbox.severa.phase import PHASE_STATE
from sandbox.severa.state import Organization, as_money
from sandbox.severa.table import Record

if TYPE_CHECKING:
    from sandbox.world import World

INTERNAL_NUMBER = 1
DRAFTS = 2
SALES = {"open": "Won", "closed": "Won", "lost": "Lost", "sales": "InProgress"}
TRAVEL_CLASS = {"km": "Mileage"}


def fill(world: World, company: Company, matched: bool) -> Organization:
    """Add the organization of a sample company to the fake Severa."""
    org = Organization(world, company)
    world.severa.organizations.append(org)
    _Filler(org, company, matched=matched).fill()
    create_drafts(org, count=DRAFTS)
    return org


class _Filler:
    def __init__(self, org: Organization, company: Company, *, matched: bool) -> None:
        self._org = org
        self._company = company
        self._matched = matched
        self._guids: dict[str, Any] = {}
        self._clock = org.now() - timedelta(days=60)

    def fill(self) -> None:
        self._guids = settings.fill_settings(self._org, self._company)
        self._users = [row["guid"] for row in self._org.tables["users"]]
        firms = {firm.key: self._firm(firm) for firm in self._company.firms if self._here(firm)}
        internal = self._internal_customer()
        for item in self._company.items:
            if self._matched or item.where != "financials":
                self._item(item)
        for place, project in enumerate(self._company.projects):
            owner = internal if project.firm is None else firms[project.firm]
            self._project(project, owner, place)
        self._flat_rates()
        self._counters()

    def _flat_rates(self) -> None:
        """Agree a flat price for two open projects; nothing of it is billed yet."""
        chosen = (
            row
            for row in self._org.tables["projects"]
            if not row["isInternal"] and not row["isClosed"]
        )
        for project in islice(chosen, 2):
            self._insert(
                "flatrates",
                {
                    "billAdditionalHours": True,
                    "billingSchedule": "Immediately",
                    "includesHours": Decimal(0),
                    "invoice": None,
                    "phase": project["rootPhase"],
                    "project": project["guid"],
                    "price": as_money(12_000, self._company.home),
                },
            )

    def _here(self, firm: Firm) -> bool:
        return self._matched or firm.where != "financials"

    def _tick(self) -> datetime:
        self._clock += timedelta(milliseconds=150)
        return self._clock

    def _insert(self, table: str, values: Record) -> Record:
        return self._org.insert(table, values, at=self._tick())

    def _firm(self, firm: Firm) -> dict[str, Any]:
        record = self._insert(
            "customers",
            {
                "name": firm.name,
                "name_key": name_key(firm.name),
                "number": firm.number if self._matched else firm.severa_number,
                "currency": self._guids["currency"][firm.currency],
                "email": firm.email,
                "website": firm.website,
                "notes": firm.notes or None,
                "isActive": firm.active,
                "isInternal": False,
                "paymentTerm": firm.terms_days,
                "vatNumber": firm.vat_number,
                "invoicingVat": self._guids["vat"][Decimal(0)] if firm.foreign else None,
                "language": self._guids["language"],
                "owner": self._users[0],
            },
        )
        head = self._address(record, firm.headquarters, "isVisitAddress")
        self._org.tables["customers"].change(record, {"headquarterAddress": head["guid"]})
        if firm.billing is not None:
            self._address(record, firm.billing, "isBillingAddress")
        if firm.postal is not None:
            self._address(record, firm.postal, "isPostalAddress")
        people = [self._person(record, head, person) for person in firm.people]
        return {"record": record, "people": people}

    def _address(self, customer: Record, address: Address, mark: str) -> Record:
        region = self._guids["region"].get((address.country, address.region))
        return self._insert(
            "addresses",
            {
                "addressline": "\n".join(address.lines),
                "city": address.city,
                "country": self._guids["country"][address.country],
                "countryRegion": region,
                "customer": customer["guid"],
                "isBillingAddress": False,
                "isPostalAddress": False,
                "isVisitAddress": False,
                mark: True,
                "postalCode": address.postal_code,
            },
        )

    def _person(self, customer: Record, address: Record, person: Person) -> Record | None:
        if person.where == "financials" and not self._matched:
            return None
        record = self._insert(
            "contactpersons",
            {
                "addressGuid": address["guid"],
                "customer": customer["guid"],
                "firstName": person.first_name,
                "lastName": person.last_name,
                "name": f"{person.first_name} {person.last_name}",
                "isActive": True,
                "isDeleted": False,
                "isEmailAllowed": not person.do_not_email,
                "jobTitle": person.title,
                "salutation": person.salutation,
            },
        )
        channels = (
            ("EmailAddress", person.email),
            ("MobilePhone", person.mobile),
            ("Phone", person.phone),
        )
        for kind, value in channels:
            self._insert(
                "contactcommunications",
                {
                    "communicationType": self._guids["channel"][kind],
                    "contact": record["guid"],
                    "isForbiddenToUse": False,
                    "value": value,
                },
            )
        return record

    def _internal_customer(self) -> dict[str, Any]:
        company = self._company
        record = self._insert(
            "customers",
            {
                "name": company.name,
                "name_key": name_key(company.name),
                "number": INTERNAL_NUMBER,
                "currency": self._guids["currency"][company.home],
                "isActive": True,
                "isInternal": True,
                "paymentTerm": company.terms[0].days,
                "vatNumber": company.vat_number,
                "owner": self._users[0],
            },
        )
        head = self._address(record, company.address, "isVisitAddress")
        self._org.tables["customers"].change(record, {"headquarterAddress": head["guid"]})
        return {"record": record, "people": []}

    def _item(self, item: Item) -> None:
        home = self._company.home
        common = {
            "code": item.code,
            "name": item.name,
            "isActive": item.active,
            "salesAccount": self._guids["account"],
        }
        if item.register == "product":
            kind = "FixedFees" if item.kind == "ServiceItem" else "Materials"
            values = {
                "measurementUnit": item.unit,
                "productCategory": self._guids["category"],
                "type": kind,
                "unitCost": as_money(item.cost, home),
                "unitPrice": as_money(item.price, home),
                "vatRate": item.vat_percent,
            }
            self._insert("products", {**common, **values})
        elif item.register == "worktype":
            values = {
                "hourCost": as_money(item.cost, home),
                "isDefault": len(self._org.tables["worktypes"]) == 0,
                "isProductive": True,
            }
            self._insert("worktypes", {**common, **values})
        else:
            daily = item.unit in ("dag", "pv")
            kind = "DailyAllowance" if daily else "OtherTravelExpense"
            values = {
                "expenseClass": TRAVEL_CLASS.get(item.unit, kind),
                "includeTime": daily,
                "measurementUnit": item.unit,
                "productCategory": self._guids["category"],
                "unitCost": as_money(item.price, home),
                "vatRate": item.vat_percent,
            }
            self._insert("travelexpensetypes", {**common, **values})

    def _project(self, project: Project, owner: dict[str, Any], place: int) -> None:
        customer: Record = owner["record"]
        unit = self._org.need("businessunits", self._guids["unit"][project.division])
        state = SALES[project.state]
        user = self._users[place % len(self._users)]
        contact = owner["people"][project.person] if project.person is not None else None
        record = self._insert(
            "projects",
            {
                "billingContact": user if place % 2 == 0 else None,
                "businessUnit": unit["guid"],
                "companyGuid": unit["companyGuid"],
                "currency": customer["currency"],
                "customer": customer["guid"],
                "customerContact": contact["guid"] if contact else None,
                "expectedOrderDate": project.start if state == "Won" else None,
                "invoiceNotes": "Please quote the project number" if place % 4 == 1 else None,
                "isClosed": project.state in ("closed", "lost"),
                "isInternal": bool(customer["isInternal"]),
                "isJoiningAllowed": True,
                "name": project.name,
                "number": project.number,
                "orderNumber": project.order_number or None,
                "ourReference": project.our_reference,
                "yourReference": project.your_reference,
                "paymentTerm": customer["paymentTerm"],
                "probability": {"Won": 100, "Lost": 0}.get(state, 50),
                "projectOwner": user,
                "projectStatus": self._guids["project_status"],
                "projectStatusAt": self._clock,
                "salesPerson": user,
                "salesStatus": self._guids["sales"][state],
                "salesStatusAt": self._clock,
                "startDate": project.start,
                "useOvertimeMultipliers": True,
                "useProductsFromSetting": True,
                "useWorkTypesFromSetting": True,
            },
        )
        if record["isClosed"]:
            record["closedDate"] = self._company.today - timedelta(days=10)
        self._phase(record)

    def _phase(self, project: Record) -> None:
        values = {"name": project["name"], "project": project["guid"], "sortOrder": 0}
        phase = self._insert("phases", {**values, **PHASE_STATE})
        project["rootPhase"] = phase["guid"]
        self._insert(
            "salesstatushistory",
            {
                "project": project["guid"],
                "salesStatusType": project["salesStatus"],
                "timeStamp": project["salesStatusAt"],
            },
        )

    def _counters(self) -> None:
        counters = self._org.settings
        numbers = [row["number"] for row in self._org.tables["customers"]]
        counters.next_customer_number = max(numbers) + 1
        projects = [row["number"] for row in self._org.tables["projects"]]
        counters.next_project_number = max(projects) + 1
        counters.payment_term = self._company.terms[0].days
        counters.reference_display = "Kid" if self._company.country == "NO" else "ReferenceNumber"
