"""What machines ask about the process."""

from rq import Queue, SimpleWorker

from app import create_app


def test_a_process_that_answers_is_up(client):
    assert client.get("/healthz").json == {"is_up": True}


def test_without_queue_and_worker_it_is_not_ready_but_says_what_works(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["is_ready"] is False
    assert answer.json["database"]["is_ok"] is True
    assert answer.json["queue"] == {"is_ok": False}
    assert answer.json["worker"] == {"is_ok": False, "age_seconds": None}


def test_with_database_queue_and_a_living_worker_it_is_ready(app_settings, valkey):
    app = create_app(app_settings.model_copy(update={"redis_url": valkey.url}))
    connection = valkey.connect()
    worker = SimpleWorker([Queue("default", connection=connection)], connection=connection)

    worker.register_birth()
    answer = app.test_client().get("/readyz")
    worker.register_death()

    assert answer.status_code == 200
    assert answer.json["is_ready"] is True
    assert answer.json["worker"]["age_seconds"] < 60


def test_without_a_database_it_is_not_ready(app_settings):
    broken = app_settings.model_copy(update={"database_url": "sqlite:////nowhere/x.sqlite3"})

    answer = create_app(broken).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["database"] == {"is_ok": False}
