"""Django's settings, read from the environment: GUANXI_HOME, GUANXI_DATABASE_URL and a few more."""

import contextlib
import os
import secrets
import zlib
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

HOME = Path(os.environ.get("GUANXI_HOME", ".guanxi")).absolute()
PACKAGE = Path(__file__).parent


def _secret_key(path: Path) -> str:
    """Read the installation's secret, made on first use and readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):  # another process was first; nobody ever reads half a key
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


# A page's queries end long before compiling them or starting workers for them would pay. A connection pool that refuses
# these is given its own by `?options=` at the end of the URL.
POSTGRES = "-c jit=off -c max_parallel_workers_per_gather=0"


def database(url: str) -> dict[str, object]:
    """Translate a database URL into Django's terms; an empty one means SQLite in GUANXI_HOME."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "book.sqlite3",
            "CONN_MAX_AGE": 60,  # opening the book anew for every request would halve what one process can answer
            "TEST": {"NAME": HOME / "test-book.sqlite3"},  # a file, so that tests meet WAL and several connections
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous="
                    + ("FULL" if os.environ.get("GUANXI_SYNCHRONOUS") == "full" else "NORMAL")
                    + "; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA cache_size=-32768"
                    # Every so many pages somebody's commit copies them into the book: at SQLite's own 1,000 that was a
                    # third of what bulk writing took.
                    + "; PRAGMA wal_autocheckpoint=32000;"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(
            f"GUANXI_DATABASE_URL starts with {parts.scheme!r}; write postgresql://user:password@host/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": POSTGRES, **dict(parse_qsl(parts.query, keep_blank_values=True))},
    }


def _static_version() -> str:
    """Name the state of our static files by their names and sizes."""
    files = sorted(file for file in PACKAGE.glob("*/static/**/*") if file.is_file())
    return f"{zlib.crc32(repr([(str(file.relative_to(PACKAGE)), file.stat().st_size) for file in files]).encode()):08x}"


SECRET_KEY = os.environ.get("GUANXI_SECRET_KEY") or _secret_key(HOME / "secret.key")
DEBUG = os.environ.get("GUANXI_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("GUANXI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {"default": database(os.environ.get("GUANXI_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Staff"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",  # its table stays empty; older backups name it
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_htmx",
    "template_partials",
    "guanxi.core",
    "guanxi.guard",
    "guanxi.pages",
    "guanxi.warehouse",
    "guanxi.accounts",
    "guanxi.operation",
    "guanxi.shop",
    "guanxi.customers",
    "guanxi.catalog",
    "guanxi.identity",
    "guanxi.privacy",
    "guanxi.experiments",
    "guanxi.orders",
    "guanxi.ingest",
    "guanxi.connectors",
    "guanxi.insight",
    "guanxi.web",
    "guanxi.demo",
]

MIDDLEWARE = [
    "guanxi.web.logs.Requests",
    "guanxi.web.health.Health",
    "guanxi.operation.metrics.Metrics",
    "guanxi.web.proxy.Forwarded",
    "django.middleware.security.SecurityMiddleware",
    "guanxi.guard.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guanxi.accounts.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "guanxi.shop.look.Language",
    "guanxi.web.problems.Problems",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "guanxi.accounts.middleware.SignInRequired",
    "guanxi.accounts.middleware.Preferences",
    "guanxi.accounts.middleware.SecondFactorRequired",
    "guanxi.pages.once.Once",
    "guanxi.customers.middleware.NamesOfNow",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guanxi.web.refusal.Refusal",
]

WSGI_APPLICATION = "guanxi.web.wsgi.application"
ROOT_URLCONF = "guanxi.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", ["guanxi.pages.loader.Loader"])],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "pages" / "locale"]

# The address changes with the files, so that browsers may keep them for ever; files that call each other stay together.
STATIC_URL = f"static/{_static_version()}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000
WHITENOISE_IMMUTABLE_FILE_TEST = "^$" if DEBUG else "."
STATIC_ROOT = None  # nothing is collected: files are served from where the packages keep them
MEDIA_ROOT = HOME / "media"

AUTHENTICATION_BACKENDS = ["guanxi.accounts.backend.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["sign_in_name", "display_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"

# Of allauth we use what keeps second factors, and none of its pages; staff have no e-mail.
ACCOUNT_USER_MODEL_USERNAME_FIELD = "sign_in_name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
MFA_ADAPTER = "guanxi.accounts.factors.Adapter"
MFA_TOTP_TOLERANCE = 1

SESSION_ENGINE = "guanxi.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TLS = os.environ.get("GUANXI_TLS") == "1"  # a proxy in front speaks HTTPS and sets X-Forwarded-Proto itself
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
PROXIES = int(os.environ.get("GUANXI_PROXIES") or 0)  # how many of ours stand in front, each adding X-Forwarded-For
METRICS_TOKEN = os.environ.get("GUANXI_METRICS_TOKEN", "")
WEBHOOKS_OVER_HTTP = os.environ.get("GUANXI_WEBHOOKS_HTTP") == "1"  # to addresses without TLS as well
HTTP_OUT_ALLOWED = os.environ.get("GUANXI_HTTP_ALLOW", "").split()  # private networks that may be called, as CIDR

if os.environ.get("GUANXI_LOG") == "json":
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "guanxi.web.logs.JsonFormatter"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "guanxi": {"level": "INFO"},
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }

TASKS = {"default": {"BACKEND": "guanxi.core.jobs.backend.JobsBackend", "QUEUES": []}}

LAKE = os.environ.get("GUANXI_LAKE", str(HOME / "lake"))
LAKE_CATALOG_URL = os.environ.get("GUANXI_LAKE_CATALOG_URL", "")
LAKE_S3_ENDPOINT = os.environ.get("GUANXI_LAKE_S3_ENDPOINT", "")  # of a lake at s3://bucket/prefix; Amazon's without it
LAKE_S3_REGION = os.environ.get("GUANXI_LAKE_S3_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
LAKE_S3_KEY = os.environ.get("GUANXI_LAKE_S3_KEY", "")  # without one: what the machine has, a role or a profile
LAKE_S3_SECRET = os.environ.get("GUANXI_LAKE_S3_SECRET", "")
LAKE_S3_VIRTUAL = os.environ.get("GUANXI_LAKE_S3_VIRTUAL") == "1"  # the bucket in the host's name, not in the path
LAKE_ENGINE = os.environ.get("GUANXI_LAKE_ENGINE", "duckdb")  # or sc://host:port, which computes the marts
LAKE_MEMORY = os.environ.get("GUANXI_LAKE_MEMORY", "2500MB")
LAKE_GRACE_SECONDS = int(os.environ.get("GUANXI_LAKE_GRACE_SECONDS", "3600"))
BACKUPS = os.environ.get("GUANXI_BACKUPS", "")  # the folder of the button; "backups" in the home unless named
IMPORT_MAX_BYTES = int(os.environ.get("GUANXI_IMPORT_MAX_BYTES") or 1024**3)
