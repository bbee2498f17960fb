from django.urls import path

from exchanges import views

urlpatterns = [
    path("", views.links, name="links"),
    path("vincular/", views.pick, name="pick"),
    path("vincular/<slug:slug>/", views.link_new, name="link_new"),
    path("<uuid:link_id>/", views.link, name="link"),
    path("<uuid:link_id>/estado/", views.link_state, name="link_state"),
    path("<uuid:link_id>/historial/", views.link_history, name="link_history"),
    path("<uuid:link_id>/diario/", views.link_diary, name="link_diary"),
    path("<uuid:link_id>/validar/", views.link_validate, name="link_validate"),
    path("<uuid:link_id>/reemplazar/", views.link_replace, name="link_replace"),
    path("<uuid:link_id>/renombrar/", views.link_rename, name="link_rename"),
    path("<uuid:link_id>/pausar/", views.link_pause, name="link_pause"),
    path("<uuid:link_id>/reanudar/", views.link_resume, name="link_resume"),
    path("<uuid:link_id>/desvincular/", views.link_unlink, name="link_unlink"),
]
