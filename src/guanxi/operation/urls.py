"""The routes of operation."""

from django.urls import path

from guanxi.operation import views

app_name = "operation"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("backups/", views.backups, name="backups"),
    path("backups/new/", views.backup_new, name="backup-new"),
    path("pause/", views.pause, name="pause"),
    path("pause/end/", views.pause_end, name="pause-end"),
    path("<int:job_id>/retry/", views.retry, name="retry"),
    path("<int:job_id>/cancellation/", views.cancellation, name="cancellation"),
]
