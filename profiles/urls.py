from django.urls import path

from profiles import views

urlpatterns = [
    path("", views.home, name="home"),
    path("perfil/", views.profile, name="profile"),
    path("perfil/seguridad/", views.security, name="security"),
]
