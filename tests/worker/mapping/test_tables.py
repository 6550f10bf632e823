"""The mapping tables say what the spec says: fields, direction, owner and constants."""

import pytest

from schema.words import ProductKind, Side
from worker.mapping.customer import ADDRESS_FIELDS, CUSTOMER
from worker.mapping.field import Field, form_of, pick, put
from worker.mapping.product import BY_KIND, CLASS, HOUR_PRICE, KIND_OF_TYPE, RESOURCES
from worker.mapping.project import CONSTANTS, PROJECT, TASK

CUSTOMER_ROWS = {
    "name": ("name", "name"),  # R157
    "number": ("number", "number"),  # R158
    "vat_number": ("vatNumber", "vatRegistrationId"),  # R159
    "currency": ("currency.guid", "currencyId"),  # R160
    "payment_term_days": ("paymentTerm", "creditTermsId"),  # R161
    "email": ("email", "mainContact.email"),  # R162
    "website": ("website", "mainContact.web"),  # R163
    "notes": ("notes", "mainContact.attention"),  # R164
    "office": ("_addresses.office", "mainAddress"),  # R165, R175
    "is_active": ("isActive", "status"),  # R166
    "billing": ("_addresses.billing", "invoiceAddress"),  # R173
    "postal": ("_addresses.postal", "deliveryAddress"),  # R174
}


def named(fields: tuple[Field, ...]) -> dict[str, Field]:
    """Return the rows of a table by name."""
    return {row.name: row for row in fields}


class TestCustomer:
    @pytest.mark.parametrize("name", CUSTOMER_ROWS)
    def test_has_the_row(self, name: str) -> None:
        row = named(CUSTOMER)[name]

        assert (row.target(Side.SEVERA), row.target(Side.FINANCIALS)) == CUSTOMER_ROWS[name]

    def test_gets_its_number_from_financials_only(self) -> None:
        """R7, R158."""
        row = named(CUSTOMER)["number"]

        assert (row.owner, row.only_to) == (Side.FINANCIALS, Side.SEVERA)

    def test_has_no_owner_for_fields_of_both_sides(self) -> None:
        """Q58."""
        both = [row for row in CUSTOMER if row.name != "number"]

        assert {(row.owner, row.only_to) for row in both} == {(None, None)}

    def test_names_its_addresses(self) -> None:
        assert set(ADDRESS_FIELDS) <= set(named(CUSTOMER))


class TestProduct:
    def test_has_a_price_in_its_register(self) -> None:
        """R154, Q7: work types have none."""
        places = {
            kind: named(rows)["unit_price"].severa if "unit_price" in named(rows) else None
            for kind, rows in BY_KIND.items()
        }

        assert places == {
            ProductKind.PRODUCT: "unitPrice",
            ProductKind.TRAVEL_EXPENSE: "unitCost",
            ProductKind.WORK_TYPE: None,
        }

    @pytest.mark.parametrize("kind", list(ProductKind))
    def test_carries_name_code_and_activity(self, kind: ProductKind) -> None:
        """R152, R153, R155."""
        rows = named(BY_KIND[kind])
        places = {name: row.financials for name, row in rows.items() if name != "unit_price"}

        assert places == {
            "name": "description",
            "code": "inventoryNumber",
            "is_active": "status",
        }

    @pytest.mark.parametrize("kind", list(ProductKind))
    def test_stands_in_severa_under_its_names(self, kind: ProductKind) -> None:
        """R152, R153, R155; code and name are mandatory (R41)."""
        rows = [row for row in BY_KIND[kind] if row.name != "unit_price"]

        assert {row.name: row.severa for row in rows} == {
            "name": "name",
            "code": "code",
            "is_active": "isActive",
        }
        assert {row.name for row in rows if row.mandatory} == {"name", "code"}

    def test_has_its_own_list_in_severa(self) -> None:
        """R32."""
        assert RESOURCES == {
            ProductKind.PRODUCT: "products",
            ProductKind.WORK_TYPE: "worktypes",
            ProductKind.TRAVEL_EXPENSE: "travelexpensetypes",
        }

    def test_has_a_class_that_financials_keeps(self) -> None:
        """R156, Q42; the price of an hour only where a setting says so (Q7)."""
        place = (CLASS.name, CLASS.severa, CLASS.financials, CLASS.financials_write, CLASS.owner)

        assert place == ("class_id", None, "itemClass.id", "itemClass", Side.FINANCIALS)
        assert (HOUR_PRICE.name, HOUR_PRICE.severa) == ("unit_price", "hourCost")
        prices = {row.financials for rows in BY_KIND.values() for row in rows} | {
            HOUR_PRICE.financials
        }
        assert prices == {"description", "inventoryNumber", "defaultPrice", "status"}

    def test_goes_to_the_register_of_its_type(self) -> None:
        """R37 to R39; stock and charge items stay out (Q54)."""
        assert KIND_OF_TYPE == {
            "NonStockItem": ProductKind.PRODUCT,
            "ServiceItem": ProductKind.PRODUCT,
            "LaborItem": ProductKind.WORK_TYPE,
            "ExpenseItem": ProductKind.TRAVEL_EXPENSE,
        }


class TestProject:
    def test_goes_from_severa_to_financials_only(self) -> None:
        """R54, R185 to R188, R192."""
        ways = {(row.owner, row.only_to) for row in PROJECT}

        assert ways == {(Side.SEVERA, Side.FINANCIALS)}
        assert [row.financials for row in PROJECT] == [
            "projectID",
            "description",
            "customer.number",
            "startDate",
            "status",
        ]

    def test_stands_in_severa_under_its_names(self) -> None:
        """R185 to R188, R192, Q43."""
        assert {row.name: (row.severa, row.target(Side.FINANCIALS)) for row in PROJECT} == {
            "number": ("number", "projectID"),
            "name": ("name", "description"),
            "customer": ("_customerNumber", "customer"),
            "start_date": ("startDate", "startDate"),
            "status": ("_status", "status"),
        }
        assert [row.name for row in PROJECT if row.mandatory] == ["number", "name"]

    def test_has_the_three_constants_of_the_table(self) -> None:
        """R189 to R191, Q4: "Hold" is true."""
        sent = {row.financials: row.value for row in CONSTANTS}

        assert sent == {"billingPeriod": "OnDemand", "template": "Z", "hold": True}

    def test_has_task_ten(self) -> None:
        """R221."""
        assert TASK == "10"


class TestPlaces:
    def test_are_read_through_missing_objects(self) -> None:
        assert pick({"a": {"b": 1}}, "a.b") == 1
        assert pick({"a": None}, "a.b") is None
        assert pick({}, "a") is None

    def test_are_written_with_the_objects_on_the_way(self) -> None:
        body: dict[str, object] = {}
        put(body, "mainContact.email", "a@b.no")
        put(body, "mainContact.web", "b.no")

        assert body == {"mainContact": {"email": "a@b.no", "web": "b.no"}}

    def test_become_a_form_of_tidy_values(self) -> None:
        body = {"name": " Nordlys ", "vatNumber": "", "isActive": True}

        form = form_of(CUSTOMER, side=Side.SEVERA, body=body)

        assert form["name"] == "Nordlys"
        assert form["vat_number"] is None
        assert set(form) == set(CUSTOMER_ROWS)
