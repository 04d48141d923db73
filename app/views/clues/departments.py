"""The register of departments and stations, from the villages' own township up to the county (D0-21, D2-25…D2-33)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length
from wtforms.validators import Optional as Blank

from app.domain.phones import mask_phone
from app.extensions import db
from app.models import Department
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.views.base import GridInterface, GridModelView, RefusedError
from app.views.columns import COLUMNS
from app.views.personal import PhoneEntry
from app.views.register.codes import code_words, policy_many, policy_select
from app.views.reveal import RevealAction

KINDS = ("departments", "town_units")  # lists of the policy
LABELS: dict[str, Any] = {
    "name": _l("Department"), "kind_code": _l("Field of work"), "node": _l("Level and place"),
    "parent": _l("Department above it"), "duties": _l("What it is there for"),
    "data_supplied": _l("Data it supplies"), "measure_classes": _l("Measures it owns"),
    "contact_name": _l("Contact person"), "contact_post": _l("Post"), "contact_phone": _l("Telephone"),
    "from_on": _l("From"), "to_on": _l("Until"),
}  # fmt: skip
_LONGEST = 400


def _words(label: Any, hint: Any) -> Any:
    return TextAreaField(label, [Blank(), Length(max=_LONGEST)], description=hint, render_kw={"rows": 2})


class DepartmentView(PhoneEntry, RevealAction, GridModelView):
    """Kept by the townships and the county; everybody below them sees whom to ring."""

    datamodel = GridInterface(Department)
    route_base = "/departments"
    permitted_roles: ClassVar = {"can_list": EVERYBODY, "can_show": EVERYBODY, "can_add": STAFF, "can_edit": STAFF,
                                 "reveal": FIELD | STAFF, "can_reveal": FIELD | STAFF}  # fmt: skip
    exclude_route_methods: ClassVar[set[str]] = {"download", "delete"}
    list_title, show_title = _l("Departments and stations"), _l("Department")
    add_title, edit_title = _l("New department"), _l("Edit department")
    label_columns = COLUMNS | LABELS
    list_columns = ["name", "kind_code", "node", "contact_name", "contact_post", "to_on"]
    show_columns = ["name", "kind_code", "node", "parent", "duties", "data_supplied", "measure_classes",
                    "contact_name", "contact_post", "contact_phone", "from_on", "to_on"]  # fmt: skip
    add_columns = ["name", "kind_code", "node", "parent", "duties", "data_supplied", "measure_classes",
                   "contact_name", "contact_post", "phone_number", "from_on"]  # fmt: skip
    edit_columns = ["name", "kind_code", "parent", "duties", "data_supplied", "measure_classes", "contact_name",
                    "contact_post", "phone_number", "from_on", "to_on"]  # fmt: skip
    search_columns = ["name", "contact_name", "to_on"]
    order_columns = ["name", "from_on", "to_on"]
    base_order = ("id", "asc")
    related_lookups: ClassVar = {"node": "GridNodeView.lookup", "parent": "DepartmentView.lookup"}
    lookup_columns = ("name",)
    masked_columns: ClassVar = {"contact_phone": mask_phone}
    add_form_extra_fields = edit_form_extra_fields = {
        "kind_code": policy_select(LABELS["kind_code"], *KINDS),
        "measure_classes": policy_many(LABELS["measure_classes"], "measure_classes", "early_measures"),
        "duties": _words(LABELS["duties"], _l("In plain words; villages read it.")),
        "data_supplied": _words(LABELS["data_supplied"], _l("Which lists it sends, and how often.")),
    }  # fmt: skip
    empty_hint = _l("Enter the departments that send warnings and own measures, with a person to ring.")

    def display(self, item: Department, column: str) -> Any:
        if column == "kind_code":
            return code_words(item.kind_code, *KINDS, node_id=item.node_id)
        if column == "measure_classes":
            lists = ("measure_classes", "early_measures")
            return "、".join(code_words(code, *lists, node_id=item.node_id) for code in item.measure_classes or ())
        return super().display(item, column)

    def store_phone(self, item: Department, e164: str) -> None:
        item.contact_phone, item.contact_tail = e164, e164[-4:]

    def pre_add(self, item: Department) -> None:
        super().pre_add(item)
        self._check(item)

    def pre_update(self, item: Department) -> None:
        super().pre_update(item)
        self._check(item)

    def _check(self, item: Department) -> None:
        item.name = (item.name or "").strip()
        place = item.node.id if item.node is not None else item.node_id
        same = db.session.query(Department.id).filter(Department.node_id == place, Department.name == item.name)
        if same.filter(Department.id != (item.id or 0)).first() is not None:
            raise RefusedError(_("This unit has a department of that name already. Open it instead."))
        if item.to_on is not None and item.from_on is not None and item.to_on < item.from_on:
            raise RefusedError(_("The end lies before the beginning."))
        if item.parent is not None and item.id is not None and item.parent.id == item.id:
            raise RefusedError(_("A department cannot stand above itself. Choose another one."))
