"""The site's addresses. Pages belong to the apps; here stand what they hang from and what has no app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from exchanges.public import exchanges
from profiles.views import set_language
from smartrader import health
from smartrader.security_txt import security_txt

admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("profiles.urls")),
    path("cuenta/", include("allauth.urls")),
    path("exchanges/", exchanges, name="exchanges"),
    path("perfil/exchanges/", include("exchanges.urls")),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
]
