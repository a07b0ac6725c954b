"""Routes of the pages."""

from __future__ import annotations

from django.urls import path, re_path

from apps.invitations.urls import TOKEN
from apps.web.account import views as account
from apps.web.day.views import DayPage
from apps.web.exports import views as exports
from apps.web.imports import views as imports
from apps.web.inbox import views as inbox
from apps.web.invitations import views as invitations
from apps.web.projects import label_views as labels
from apps.web.projects import settings_views as project_settings
from apps.web.projects import views as projects
from apps.web.saved_views import views as saved
from apps.web.search.palette import PalettePage
from apps.web.search.views import SearchPage
from apps.web.settings import calendar_views as calendars
from apps.web.settings import token_views as tokens
from apps.web.settings import views as settings
from apps.web.tasks import around_views as around
from apps.web.tasks import file_views as files
from apps.web.tasks import project_views as tasks_of
from apps.web.tasks import talk_views as talk
from apps.web.tasks import task_views as tasks
from apps.web.tasks.batch_views import BatchPage
from apps.web.tasks.board_views import BoardPage, MoveTask
from apps.web.tasks.bulk_views import BulkPage
from apps.web.tasks.calendar_views import CalendarPage
from apps.web.tasks.choose_views import ChoosePage
from apps.web.tasks.quick_views import QuickPreview
from apps.web.tasks.undo_views import UndoBatch
from apps.web.trash import views as trash
from apps.web.webhooks import views as webhooks

COMMENT = "tasks/<int:pk>/comments/<int:comment_pk>"
FILE = "tasks/<int:pk>/attachments/<int:file_pk>"
PROJECT_SETTINGS = "projects/<int:pk>/settings"
WEBHOOK = f"{PROJECT_SETTINGS}/webhooks/<int:hook_pk>"

urlpatterns = [
    path("", DayPage.as_view(), name="landing"),
    path("login/", account.LoginPage.as_view(), name="login"),
    path("logout/", account.LogoutPage.as_view(), name="logout"),
    path("register/", account.RegisterPage.as_view(), name="register"),
    path("password-reset/", account.ResetRequestPage.as_view(), name="password-reset-request"),
    path("notifications/", inbox.NotificationsPage.as_view(), name="notifications"),
    path("notifications/read-all/", inbox.MarkAllRead.as_view(), name="notifications-read-all"),
    path("notifications/<int:pk>/read/", inbox.MarkNotification.as_view(), name="notification-read"),
    path("notifications/<int:pk>/unread/", inbox.MarkNotification.as_view(is_read=False), name="notification-unread"),
    path("projects/", projects.ProjectsPage.as_view(), name="projects"),
    path("projects/new/", projects.NewProjectPage.as_view(), name="project-new"),
    path("projects/<int:pk>/", tasks_of.ProjectPage.as_view(), name="project"),
    path("projects/<int:pk>/board/", BoardPage.as_view(), name="project-board"),
    path("projects/<int:pk>/calendar/", CalendarPage.as_view(), name="project-calendar"),
    path("projects/<int:pk>/bulk/", BulkPage.as_view(), name="project-bulk"),
    path("projects/<int:pk>/activity/", projects.ActivityPage.as_view(), name="project-activity"),
    path(f"{PROJECT_SETTINGS}/", project_settings.GeneralPage.as_view(), name="project-settings"),
    path(f"{PROJECT_SETTINGS}/members/", project_settings.MembersPage.as_view(), name="project-members"),
    path(f"{PROJECT_SETTINGS}/members/role/", project_settings.ChangeRole.as_view(), name="project-role"),
    path(f"{PROJECT_SETTINGS}/members/remove/", project_settings.RemoveMember.as_view(), name="project-remove"),
    path(f"{PROJECT_SETTINGS}/labels/", labels.LabelsPage.as_view(), name="project-labels"),
    path(f"{PROJECT_SETTINGS}/labels/<int:label_pk>/", labels.LabelPage.as_view(), name="project-label"),
    path(f"{PROJECT_SETTINGS}/invitations/", invitations.ProjectInvitationsPage.as_view(), name="project-invitations"),
    path(
        f"{PROJECT_SETTINGS}/invitations/change/",
        invitations.ChangeInvitation.as_view(),
        name="project-invitation-change",
    ),
    re_path(rf"^{TOKEN}/$", invitations.InvitationPage.as_view(), name="invitation"),
    path("projects/<int:pk>/labels.css", labels.LabelsCss.as_view(), name="project-labels-css"),
    path(f"{PROJECT_SETTINGS}/export/", exports.ProjectExports.as_view(), name="project-exports"),
    path(f"{PROJECT_SETTINGS}/import/", imports.ProjectImports.as_view(), name="project-imports"),
    path("imports/", imports.ImportsPage.as_view(), name="imports"),
    path("imports/<int:pk>/", imports.ImportPage.as_view(), name="import-page"),
    path(f"{PROJECT_SETTINGS}/webhooks/", webhooks.WebhooksPage.as_view(), name="project-webhooks"),
    path(f"{WEBHOOK}/", webhooks.WebhookPage.as_view(), name="project-webhook"),
    path(f"{WEBHOOK}/test/", webhooks.SendTest.as_view(), name="project-webhook-test"),
    path(f"{WEBHOOK}/deliveries/<int:delivery_pk>/", webhooks.DeliveryPage.as_view(), name="project-delivery"),
    path(f"{PROJECT_SETTINGS}/end/", project_settings.EndPage.as_view(), name="project-end"),
    path("tasks/quick/", QuickPreview.as_view(), name="task-quick"),
    path("tasks/export/", exports.TablePage.as_view(), name="tasks-table"),
    path("tasks/new/", tasks.NewTaskPage.as_view(), name="task-new"),
    path("tasks/<int:pk>/", tasks.TaskPage.as_view(), name="task-page"),
    path("tasks/<int:pk>/choose/", ChoosePage.as_view(), name="task-choose"),
    path("tasks/<int:pk>/move/", MoveTask.as_view(), name="task-move-page"),
    path("tasks/<int:pk>/archive/", tasks.ArchiveTask.as_view(), name="task-archive"),
    path("tasks/<int:pk>/unarchive/", tasks.ArchiveTask.as_view(is_archiving=False), name="task-unarchive"),
    path("tasks/<int:pk>/delete/", tasks.DeleteTask.as_view(), name="task-delete"),
    path("tasks/<int:pk>/subtasks/", around.SubtasksPage.as_view(), name="task-subtasks-page"),
    path("tasks/<int:pk>/relations/", around.RelationsPage.as_view(), name="task-relations-page"),
    path("tasks/<int:pk>/relations/<int:relation_pk>/delete/", around.DeleteRelation.as_view(), name="relation-delete"),
    path("tasks/<int:pk>/watch/", around.WatchPage.as_view(), name="task-watch-page"),
    path("tasks/<int:pk>/watchers/", around.WatchersPage.as_view(), name="task-watchers-page"),
    path("tasks/<int:pk>/watchers/<int:user_pk>/delete/", around.RemoveWatcher.as_view(), name="watcher-delete"),
    path("batches/<uuid:pk>/", BatchPage.as_view(), name="batch-page"),
    path("batches/<uuid:pk>/undo/", UndoBatch.as_view(), name="batch-undo"),
    path("tasks/<int:pk>/comments/", talk.CommentsPage.as_view(), name="task-comments"),
    path(f"{COMMENT}/", talk.CommentPage.as_view(), name="task-comment"),
    path(f"{COMMENT}/delete/", talk.DeleteComment.as_view(), name="task-comment-delete"),
    path("tasks/<int:pk>/attachments/", files.AttachPage.as_view(), name="task-attach"),
    path(f"{FILE}/", files.FilePage.as_view(), name="task-file"),
    path(f"{FILE}/delete/", files.DeleteFile.as_view(), name="task-file-delete"),
    path("views/", saved.ViewsPage.as_view(), name="views"),
    path("views/new/", saved.NewViewPage.as_view(), name="view-new"),
    path("views/<int:pk>/", saved.ViewPage.as_view(), name="view-page"),
    path("views/<int:pk>/tasks/<int:task_pk>/", saved.MoveInView.as_view(), name="view-task"),
    path("views/<int:pk>/edit/", saved.EditViewPage.as_view(), name="view-edit"),
    path("views/<int:pk>/favourite/", saved.FavouriteView.as_view(), name="view-favourite-page"),
    path("views/<int:pk>/delete/", saved.DeleteView.as_view(), name="view-delete-page"),
    path("palette/", PalettePage.as_view(), name="palette"),
    path("search/", SearchPage.as_view(), name="search"),
    path("trash/", trash.TrashPage.as_view(), name="trash"),
    path("trash/empty/", trash.EmptyTrash.as_view(), name="trash-empty"),
    path("trash/<int:pk>/restore/", trash.RestoreEntry.as_view(), name="trash-restore"),
    path("trash/<int:pk>/purge/", trash.PurgeEntry.as_view(), name="trash-purge"),
    path("settings/", settings.ProfilePage.as_view(), name="settings"),
    path("settings/verification/", settings.SendVerification.as_view(), name="settings-verification"),
    path("settings/password/", settings.PasswordPage.as_view(), name="settings-password"),
    path("settings/notifications/", settings.PreferencesPage.as_view(), name="settings-notifications"),
    path("settings/sessions/", settings.SessionsPage.as_view(), name="settings-sessions"),
    path("settings/tokens/", tokens.TokensPage.as_view(), name="settings-tokens"),
    path("settings/tokens/<int:pk>/rotate/", tokens.RotateToken.as_view(), name="settings-token-rotate"),
    path("settings/tokens/<int:pk>/revoke/", tokens.RevokeToken.as_view(), name="settings-token-revoke"),
    path("settings/calendars/", calendars.CalendarFeedsPage.as_view(), name="settings-calendars"),
    path(
        "settings/calendars/<int:pk>/regenerate/",
        calendars.RegenerateCalendarFeed.as_view(),
        name="settings-calendar-regenerate",
    ),
    path(
        "settings/calendars/<int:pk>/delete/", calendars.DeleteCalendarFeed.as_view(), name="settings-calendar-delete"
    ),
    path("settings/exports/", exports.AccountExports.as_view(), name="settings-exports"),
    path("settings/exports/<int:pk>/", exports.DownloadExport.as_view(), name="export-download-page"),
    path("settings/exports/<int:pk>/delete/", exports.DeleteExport.as_view(), name="export-delete"),
    path("settings/account/", settings.AccountPage.as_view(), name="settings-account"),
]
