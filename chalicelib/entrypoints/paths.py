"""Paths: every route of the API by name, and the module that declares it.

All routes are one function, webhooks too, and a webhook must not pay at a cold start for the API.
So Chalice is told the paths from this table, and a route's module is imported at its first call.
tests/contract/test_openapi.py holds the table to the declarations.
"""

from dataclasses import dataclass

ONE = "/api/conversations/{conversation_id}"


@dataclass(frozen=True, slots=True)
class Path:
    """One route. `open`: no token is needed."""

    method: str
    path: str
    name: str
    module: str
    open: bool = False


PATHS = (
    Path("GET", "/api/agents", "list_agents", "api_people"),
    Path("PUT", "/api/agents/{agent_id}", "put_agent", "api_people"),
    Path("GET", "/api/approvals", "list_approvals", "api_approvals"),
    Path("GET", "/api/cases", "list_cases", "api_cases"),
    Path("GET", "/api/contacts/{contact_id}", "get_contact", "api_people"),
    Path("GET", ONE, "get_conversation", "api_cases"),
    Path("POST", ONE + "/accept", "post_accept", "api_routing"),
    Path("POST", ONE + "/approvals/{approval_id}/approve", "post_approve", "api_approvals"),
    Path("POST", ONE + "/approvals/{approval_id}/decline", "post_refuse", "api_approvals"),
    Path("POST", ONE + "/approvals/{approval_id}/withdraw", "post_withdraw", "api_approvals"),
    Path("POST", ONE + "/assign", "post_assign", "api_changes"),
    Path("POST", ONE + "/check", "post_check", "api_ways"),
    Path("POST", ONE + "/decline", "post_decline", "api_routing"),
    Path("GET", ONE + "/history", "get_history", "api_cases"),
    Path("POST", ONE + "/invite", "post_invite", "api_changes"),
    Path("POST", ONE + "/labels", "post_labels", "api_qualify"),
    Path("POST", ONE + "/language", "post_language", "api_qualify"),
    Path("GET", ONE + "/messages", "get_messages", "api_cases"),
    Path("POST", ONE + "/messages/{message_id}/appreciate", "post_appreciate", "api_qualify"),
    Path("POST", ONE + "/messages/{message_id}/delete", "post_delete", "api_moderation"),
    Path("GET", ONE + "/messages/{message_id}/files/{index}", "get_file", "api_files"),
    Path("POST", ONE + "/messages/{message_id}/hide", "post_hide", "api_moderation"),
    Path("POST", ONE + "/messages/{message_id}/resend", "post_resend", "api_changes"),
    Path("POST", ONE + "/messages/{message_id}/unhide", "post_unhide", "api_moderation"),
    Path("POST", ONE + "/no-answer", "post_no_answer", "api_qualify"),
    Path("POST", ONE + "/notes", "post_note", "api_changes"),
    Path("POST", ONE + "/priority", "post_priority", "api_qualify"),
    Path("POST", ONE + "/reopen", "post_reopen", "api_changes"),
    Path("POST", ONE + "/replies", "post_reply", "api_changes"),
    Path("POST", ONE + "/resolve", "post_resolve", "api_changes"),
    Path("POST", ONE + "/restart", "post_restart", "api_changes"),
    Path("POST", ONE + "/resume", "post_resume", "api_changes"),
    Path("POST", ONE + "/snooze", "post_snooze", "api_changes"),
    Path("POST", ONE + "/take", "post_take", "api_changes"),
    Path("POST", ONE + "/team", "post_team", "api_routing"),
    Path("POST", ONE + "/thank", "post_thank", "api_qualify"),
    Path("POST", ONE + "/uploads", "post_upload", "api_files"),
    Path("POST", ONE + "/vip", "post_vip", "api_qualify"),
    Path("POST", ONE + "/wait", "post_wait", "api_changes"),
    Path("GET", ONE + "/ways", "get_ways", "api_ways"),
    Path("GET", ONE + "/why", "get_why", "api_history"),
    Path("POST", "/api/dry-runs", "post_dry_run", "api_history"),
    Path("GET", "/api/handles", "list_handles", "api_handles"),
    Path("GET", "/api/me", "get_me", "api_people"),
    Path("PUT", "/api/me/presence", "put_presence", "api_people"),
    Path("GET", "/api/openapi.json", "get_openapi", "api_openapi", open=True),
    Path("GET", "/api/pages", "list_pages", "api_pages"),
    Path("GET", "/api/pages/{page_id}", "get_page", "api_pages"),
    Path("POST", "/api/pages/{page_id}/acknowledge", "post_page_acknowledge", "api_pages"),
    Path("GET", "/api/shifts", "list_shifts", "api_routing"),
    Path("GET", "/api/stuck", "list_stuck", "api_cases"),
)
