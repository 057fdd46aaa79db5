"""Django's settings, all from the environment; `docs/running.md` lists every one."""

import os
from pathlib import Path

from lianfang import database

HOME = Path(os.environ.get("LIANFANG_HOME", "var")).resolve()
KEYS = Path(os.environ.get("LIANFANG_KEYS", HOME / "keys")).resolve()
FONTS = Path(os.environ.get("LIANFANG_FONTS", HOME / "fonts")).resolve()
PACK = Path(os.environ.get("LIANFANG_PACK", "packs/shangjie")).resolve()
MODE = os.environ.get("LIANFANG_MODE", "demonstration")
DEMONSTRATION = MODE == "demonstration"
PORT = int(os.environ.get("LIANFANG_PORT", "8000"))
LIVE_PORT = int(os.environ.get("LIANFANG_LIVE_PORT", str(PORT + 1)))
HOSTS = os.environ.get("LIANFANG_HOSTS", "127.0.0.1,localhost").split(",")
HTTPS = bool(os.environ.get("LIANFANG_HTTPS"))
BROKER = os.environ.get("LIANFANG_BROKER", "")


def _secret() -> str:
    """Return the signing key, kept apart from the data; made on first use."""
    file = KEYS / "signing.key"
    if not file.exists():
        from django.core.management.utils import get_random_secret_key

        KEYS.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key(), encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = HOSTS
ROOT_URLCONF = "lianfang.server.urls"
WSGI_APPLICATION = "lianfang.server.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "lianfang.registry",
    "lianfang.journal",
    "lianfang.dues",
    "lianfang.figures",
    "lianfang.bulletins",
    "lianfang.doors.web",
    "lianfang.doors.field",
    "lianfang.doors.api",
]
MIDDLEWARE = [
    "lianfang.doors.api.straight.middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lianfang.server.language.ChineseFirst",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lianfang.doors.web.presence.middleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "lianfang.doors.web.shell.context",
            ]
        },
    }
]
DATABASES = {"default": database.django(database.address(HOME))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "lianfang.registry.second_factor.CodeBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "lianfang.registry.passwords.SeveralKinds"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "lianfang.doors.web.accounts.locked"
AXES_RESET_ON_SUCCESS = True
# Every sign-in is written to a log of our own that nobody can change.
AXES_DISABLE_ACCESS_LOG = True
MFA_ADAPTER = "lianfang.registry.second_factor.Adapter"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS] if HTTPS else []
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

_LIVE = [f"{scheme}://{host}:{LIVE_PORT}" for host in HOSTS for scheme in ("http", "https")]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'", *_LIVE],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LIANFANG_LOG", "WARNING")},
}
