"""Every stable code an error answer may carry; programs rely on them, people read `detail`."""

from __future__ import annotations

# Code of a problem -> when it is given. docs/api.md has the same table, a test compares them.
PROBLEM_CODES = {
    # 400
    "validation_error": "Fields or parameters are not valid; `errors` says which.",
    "parse_error": "The body cannot be read.",
    "bad_request": "The request is malformed (host, length, too many fields).",
    "idempotency_key_invalid": "Idempotency-Key is not 1 to 255 printable ASCII characters.",
    # 401
    "not_authenticated": "No access token was sent.",
    "token_not_valid": "The token is malformed, expired, of another kind or not ours.",
    "invalid_credentials": "No such account, wrong password or inactive account.",
    "session_revoked": "The session has ended: log in again.",
    # 403
    "permission_denied": "You see it, but your role does not allow this.",
    "https_required": "The API was called over plain http.",
    "csrf_failed": "A form of the pages came without its token.",
    # 404
    "not_found": "There is no such thing, or you may not know of it.",
    "file_missing": "The file is not there any more.",
    "user_not_found": "Nobody has this id, name or address.",
    # 405, 406, 411, 412, 413, 415
    "method_not_allowed": "The route does not have this method.",
    "not_acceptable": "Nothing in Accept can be answered.",
    "length_required": "The body came without Content-Length.",
    "precondition_failed": "The version is none of those in If-Match; ETag has the current one.",
    "payload_too_large": "More bytes than the limit.",
    "unsupported_media_type": "The Content-Type is not taken here, or the text is not UTF-8.",
    # 409
    "conflict": "It collides with something that exists, or refers to something that is gone.",
    "idempotency_key_in_use": "A request with this Idempotency-Key is still running.",
    "project_archived": "The project is read-only until it is unarchived.",
    "inbox_is_personal": "An Inbox cannot be deleted, shared, archived or transferred.",
    "already_member": "The person is a member already.",
    "report_not_ready": "The report is still being built, or could not be.",
    "owner_must_stay": "The owner cannot be demoted or removed; transfer the project first.",
    "in_trash": "It is in the trash; `trash_id` names the entry.",
    "key_taken": "The owner has another project with this key.",
    "comment_deleted": "The comment was deleted; it cannot be edited any more.",
    "current_version": "The present text of a comment is edited or deleted, not erased.",
    "task_archived": "An archived task takes no files.",
    "too_many_relations": "A task has at most `limit` relations.",
    "blocked": "Open tasks block it: `blockers` has their keys, `hidden` counts those that you cannot see.",
    "cycle": "The link would close a circle: `path` has the keys along it, null for a task that you cannot see.",
    "graph_too_large": "More than `limit` tasks depend on one another: the check for circles ends there.",
    "email_taken": "The address belongs to another account by now.",
    "account_deleted": "The account has been deleted.",
    "owns_projects": "The account owns shared projects; transfer or delete them first.",
    "quota_exceeded": "The project's files would exceed its quota.",
    # 422
    "idempotency_key_reused": "The Idempotency-Key was used with another request.",
    # 429
    "rate_limited": "Too many requests; Retry-After says when to come again.",
    "too_many_failures": "Too many failed logins; Retry-After says when to come again.",
    # 500, 503, 507
    "internal_error": "A bug of ours; the log has it under the request id.",
    "unavailable": "A part does not answer now; try again after Retry-After.",
    "insufficient_storage": "There is no room for the file now.",
}

# Code of one entry of `errors`
FIELD_CODES = {
    "required": "The field is missing.",
    "null": "The field may not be null.",
    "blank": "The field may not be empty.",
    "empty": "The file or list is empty.",
    "invalid": "Not a value of this kind.",
    "invalid_choice": "None of the choices.",
    "invalid_list": "None of a list of values.",
    "not_a_list": "Not a list.",
    "not_a_dict": "Not an object.",
    "not_an_object": "Not a JSON object.",
    "too_large": "A JSON object with too many bytes.",
    "too_many": "Too many values of one parameter.",
    "too_many_mentions": "More people are named in a text than can be mentioned.",
    "max_length": "Too long.",
    "min_length": "Too short.",
    "max_value": "Too large.",
    "min_value": "Too small.",
    "max_string_length": "A number with too many characters.",
    "overflow": "An instant out of range.",
    "out_of_range": "An instant out of range.",
    "date": "A date where an instant is expected.",
    "make_aware": "An instant that does not exist in its zone.",
    "unique": "Taken by somebody else.",
    "does_not_exist": "There is no such thing, or you may not know of it.",
    "incorrect_type": "Not an id.",
    "unknown_field": "There is no such field.",
    "unknown_parameter": "There is no such query parameter.",
    "invalid_cursor": "The cursor is not one of this list with these filters and order.",
    "null_characters_not_allowed": "Text with the NUL character.",
    "surrogate_characters_not_allowed": "Text with a lone surrogate.",
    "invalid_unicode": "Text with characters that cannot be stored.",
    "invalid_characters": "Text with characters that are not taken here.",
    "invalid_username": "A user name with characters other than letters, digits and `.+-_`.",
    "invalid_timezone": "No IANA time zone.",
    "invalid_token": "The token is used up, expired or not ours.",
    "invalid_image": "No picture of a known kind.",
    "no_name": "The file has no name.",
    "too_many_pixels": "The picture is too large when unpacked.",
    "type_not_allowed": "A file of this kind is not taken.",
    "extension_mismatch": "The file's name says another kind than its content.",
    "one_file": "Exactly one file has to be sent.",
    "wrong_password": "That is not the password.",
    "password_mismatch": "The two passwords differ.",
    "password_too_short": "The password is too short.",
    "password_too_common": "The password is too common.",
    "password_too_similar": "The password is too similar to the account's data.",
    "password_entirely_numeric": "The password is a number.",
    "exactly_one": "Exactly one of several fields has to be sent.",
    "self_relation": "A task cannot be related to itself.",
    "not_a_member": "The person is no member of the project.",
}

PROBLEM_CHOICES = sorted(PROBLEM_CODES.items())
FIELD_CHOICES = sorted(FIELD_CODES.items())
