"""People who log in: accounts, their role, and the unit they serve. A role says what, an assignment says where."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select

from app.domain.enums import Duty, RoleName
from app.domain.msgids import N_
from app.models import Assignment, GridNode, GridWorker, LoginState, SampleInspector
from app.queries.scope import current_access, today
from app.security import audit, lockout
from app.security.passwords import check_strength, hash_password, one_time_password

SYSTEM_ADMIN = "Admin"
WITHOUT_UNIT = (SYSTEM_ADMIN, RoleName.INSPECTOR)
_USERNAME = re.compile(r"[\w.@+-]{2,64}")


class UserError(ValueError):
    """Why an account cannot be made or changed so. The message is an English msgid, free of personal data."""


def add_user(
    session: Any, username: str, name: str, role: RoleName | str, node_code: str | None, password: str | None = None
) -> tuple[User, str | None]:
    """An account, its worker and its assignment from today on. Flushes; the caller commits.

    `role`: a RoleName, or "Admin" for the technical administrator; that one and an inspector need no unit. Without
    `password` a one-time password is made, returned once, and must be replaced at the first log-in; a given
    one must be strong enough (PasswordComplexityValidationError) and stays. Raises UserError.
    """
    role = str(role)
    username = clean_username(username)
    node = _node_for(session, role, node_code)
    _may_grant(role)
    if session.scalar(select(User.id).where(func.lower(User.username) == username.lower())) is not None:
        raise UserError(N_("This username is taken."))
    if password is not None:
        check_strength(password)
    secret = password or one_time_password()
    user = User(username=username, first_name=name.strip()[:64], last_name="", email=f"{username}@invalid",
                active=True, password=hash_password(secret), roles=[_role(session, role)])  # fmt: skip
    session.add(user)
    session.flush()
    session.add(LoginState(user_id=user.id, must_change_password=password is None))
    _add_worker(session, user, name.strip()[:40], role, node)
    audit.record("user_added", "ab_user", user.id, node_id=node.id if node else None, changes={"role": [None, role]})
    return user, None if password is not None else secret


def clean_username(username: str) -> str:
    """Without the spaces that phone keyboards add. Raises UserError when nothing usable is left."""
    username = "".join(username.split())
    if not _USERNAME.fullmatch(username):
        raise UserError(N_("A username has 2 to 64 letters, digits, dots or hyphens."))
    return username


def reset_password(session: Any, user_id: int) -> str:
    """A new one-time password; every session of that user ends, and a lock-out with them."""
    user = _user(session, user_id)
    secret = one_time_password()
    user.password = hash_password(secret)
    state = login_state(session, user_id)
    state.epoch += 1
    state.must_change_password = True
    session.flush()
    lockout.lift(user.username)
    audit.record("password_reset", "ab_user", user_id)
    return secret


def change_password(session: Any, user_id: int, password: str) -> None:
    """The user's own new password (PasswordComplexityValidationError). Other sessions end; the caller keeps its own."""
    check_strength(password)
    _own_user(session, user_id).password = hash_password(password)
    state = login_state(session, user_id)
    state.epoch += 1
    state.must_change_password = False
    session.flush()
    audit.record("password_changed", "ab_user", user_id)


def set_active(session: Any, user_id: int, active: bool) -> None:
    """Let somebody in again, or keep them out from their next request on. Nobody locks themselves out."""
    if user_id == current_access().user_id:
        raise UserError(N_("You cannot deactivate your own account."))
    user = _user(session, user_id)
    if user.active == active:
        return
    user.active = active
    if not active:
        login_state(session, user_id).epoch += 1
    session.flush()
    audit.record("user_activated" if active else "user_deactivated", "ab_user", user_id)


def assign(session: Any, user_id: int, node_code: str, duty: Duty) -> Assignment:
    """A further unit for a user, from today on."""
    _user(session, user_id)
    node = find_node(session, node_code)
    if node is None:
        raise UserError(N_("There is no unit with this code in your area."))
    worker = session.scalar(select(GridWorker).where(GridWorker.user_id == user_id))
    if worker is None:
        raise UserError(N_("This account serves no unit."))
    assignment = Assignment(worker_id=worker.id, node_id=node.id, duty=duty, from_on=today())
    session.add(assignment)
    session.flush()
    return assignment


def end_assignment(session: Any, assignment_id: int) -> None:
    """The unit is no longer served from today on; the past stays on record (D0-17)."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None:
        raise UserError(N_("There is no such assignment in your area."))
    if assignment.from_on >= today():
        session.delete(assignment)  # never came into force
    else:
        assignment.to_on = today() - timedelta(days=1)
    session.flush()


def login_state(session: Any, user_id: int) -> LoginState:
    """The user's row, made on demand."""
    state: LoginState | None = session.get(LoginState, user_id)
    if state is None:
        state = LoginState(user_id=user_id, epoch=0)
        session.add(state)
        session.flush()
    return state


def find_node(session: Any, code: str) -> GridNode | None:
    """The active unit with this code inside the current access."""
    found: GridNode | None = session.scalar(select(GridNode).where(GridNode.code == code, GridNode.is_active))
    return found


def _role(session: Any, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:  # permissions are put into it by the permission sync
        role = Role(name=name)
        session.add(role)
    return role


def _node_for(session: Any, role: str, node_code: str | None) -> GridNode | None:
    if role != SYSTEM_ADMIN and role not in set(RoleName):
        raise UserError(N_("There is no such role."))
    if role in WITHOUT_UNIT and node_code is None:
        return None
    if role == RoleName.INSPECTOR:
        raise UserError(N_("An inspector serves no unit: let them look at a drawn sample instead."))
    if not node_code:
        raise UserError(N_("Choose the unit this person serves."))
    node = find_node(session, node_code)
    if node is None:
        raise UserError(N_("There is no unit with this code in your area."))
    return node


def _may_grant(role: str) -> None:
    """Nobody hands out more than they have: the technical administrator is made by one, or on the command line."""
    access = current_access()
    if role == SYSTEM_ADMIN and not access.everything:
        raise UserError(N_("Only a system administrator may grant this role."))
    if role == RoleName.COUNTY_ADMIN and not access.is_county:
        raise UserError(N_("Only a county administrator may grant this role."))


def _add_worker(session: Any, user: User, name: str, role: str, node: GridNode | None) -> None:
    if node is None:
        return
    worker = GridWorker(user_id=user.id, name=name)  # what people of this duty are called is the place's rules' word
    session.add(worker)
    session.flush()
    duty = Duty(role) if role in set(Duty) else Duty.COUNTY_ADMIN
    session.add(Assignment(worker_id=worker.id, node_id=node.id, duty=duty, from_on=today()))
    session.flush()


def _user(session: Any, user_id: int) -> User:
    """A user one may administer: within one's area, and no system administrator unless one is one."""
    user = session.get(User, user_id)
    access = current_access()
    worker = session.scalar(select(GridWorker.id).where(GridWorker.user_id == user_id))
    if worker is None:  # an inspector serves no unit: theirs are the samples they were let in to
        worker = session.scalar(select(SampleInspector.id).where(SampleInspector.user_id == user_id))
    visible = access.everything or (access.is_county and worker is not None)
    is_admin = user is not None and any(role.name == SYSTEM_ADMIN for role in user.roles)
    if user is None or not visible or (is_admin and not access.everything):
        raise UserError(N_("There is no such account in your area."))
    return user


def _own_user(session: Any, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise UserError(N_("There is no such account in your area."))
    return user
