from django.urls import path

from profiles import activity_views, code_views, data_views, mfa_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("perfil/", views.profile, name="profile"),
    path("perfil/avisos/", views.notices, name="notices"),
    path("perfil/seguridad/", views.security, name="security"),
    path("perfil/seguridad/actividad/", activity_views.activity_all, name="activity_all"),
    path("perfil/seguridad/actividad.json", activity_views.activity_json, name="activity_json"),
    path("perfil/seguridad/actividad.csv", activity_views.activity_csv, name="activity_csv"),
    path("perfil/seguridad/sesiones/<int:pk>/cerrar/", mfa_views.close_session, name="close_session"),
    path("perfil/datos/", data_views.data, name="data"),
    path("perfil/datos/todo.json", data_views.data_json, name="data_json"),
    path("perfil/datos/<slug:name>.csv", data_views.data_csv, name="data_csv"),
    path("perfil/datos/borrar/", data_views.data_delete, name="data_delete"),
    path("perfil/datos/conservar/", data_views.data_keep, name="data_keep"),
    # In front of allauth's own at these addresses.
    path("cuenta/confirm-email/", code_views.ConfirmEmailView.as_view()),
    path("cuenta/2fa/", mfa_views.factors),
    path("cuenta/2fa/totp/activate/", mfa_views.ActivateAppView.as_view()),
    path("cuenta/2fa/totp/deactivate/", mfa_views.deactivate_app),
    path("cuenta/2fa/webauthn/", mfa_views.passkeys),
    path("cuenta/2fa/webauthn/reauthenticate/", mfa_views.ReauthenticatePasskeyView.as_view()),
    path("cuenta/sessions/", mfa_views.open_sessions),
    path("cuenta/password/set/", mfa_views.set_password),
]
