"""What the web server loads: `smartrader.wsgi:application`. In production it does not start with a key of the workers."""

import os

from django.core.wsgi import get_wsgi_application

from smartrader import role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")
role.declare("web")

application = get_wsgi_application()
