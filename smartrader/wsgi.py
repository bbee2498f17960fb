"""What the web server loads: `smartrader.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")

application = get_wsgi_application()
