"""What the run on an engine is made of, as far as it needs no engine."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from scripts.containers import __main__ as command
from scripts.containers import engine, images, network, site
from scripts.containers.questions import ESSENTIAL, LONG, QUESTIONS
from scripts.local.environment import ROOT
from scripts.local.processes import StackError


def test_there_is_a_stand_in_for_every_image_that_the_shipped_files_name():
    assert images.names_asked() == images.FIRST.keys() - {images.PARTS} | images.SECOND.keys()
    for folder in {**images.FIRST, **images.SECOND}.values():
        assert (images.SOURCES / folder / "Dockerfile").exists()


def test_every_question_says_what_is_expected_and_is_asked_once():
    assert len(set(QUESTIONS)) == len(QUESTIONS)
    assert QUESTIONS[: len(ESSENTIAL)] == ESSENTIAL
    assert set(LONG) <= set(QUESTIONS) - set(ESSENTIAL)
    assert all((question.__doc__ or "").endswith(".") for question in QUESTIONS)


@pytest.mark.parametrize(
    "defect", ["D1", "D1b", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D10", "D12", "D13", "D14", "D15"]
)
def test_every_defect_of_the_first_run_that_an_engine_can_show_is_asked_for(defect):
    asked = [
        question for question in QUESTIONS if defect in (question.__doc__ or "").split(":")[0].replace(",", "").split()
    ]

    assert asked


def test_pips_own_configuration_goes_on_and_the_environment_wins():
    said = "\n".join(
        [
            "global.index-url='https://index.example/simple'",
            "global.extra-index-url='file:///opt/wheels https://more.example/simple'",
            "global.find-links='/opt/wheels'",
            "global.cert='/etc/ssl/ours.pem'",
            "global.timeout='15'",
            "install.trusted-host='index.example\\nmore.example'",
            ":env:.timeout='180'",
            ":env:.no-input='1'",
        ]
    )

    assert images.pip_settings(said) == {
        "index-url": "https://index.example/simple",
        "extra-index-url": "https://more.example/simple",
        "cert": "/etc/ssl/ours.pem",
        "trusted-host": "index.example more.example",
        "timeout": "180",
    }
    assert images.pip_settings("") == {}


def test_only_listening_sockets_are_published():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("0.0.0.0", 0)) as open_to_all:
        found = site.published()
        client = socket.create_connection(server.getsockname())

        assert f"127.0.0.1:{server.getsockname()[1]}" in found
        assert f"0.0.0.0:{open_to_all.getsockname()[1]}" in found
        assert f"127.0.0.1:{client.getsockname()[1]}" not in site.published()
        client.close()


def test_lines_that_are_no_objects_are_found():
    assert site.lines_of_json('{"a": 1}\n\n[1]\nplain {\n{"b": 2}\n') == ["[1]", "plain {"]


def test_nobody_answering_is_an_answer_with_status_0():
    assert site.get("http://127.0.0.1:1/").status == 0


def test_the_way_out_has_a_size_and_name_servers():
    assert network.mtu() > 500
    assert network.resolver().name == "resolv.conf"


def test_an_ordinary_user_runs_no_engine(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert not engine.can_run()


@pytest.fixture
def idle_engine(tmp_path, monkeypatch):
    """An engine that is never started; the docker commands that it is given are kept in `said`."""
    idle = engine.Engine(tmp_path / "engine")
    idle.said = []

    def docker(*words, **_):
        idle.said.append(words)
        return subprocess.CompletedProcess(words, 0, "left" if "--quiet" in words else "", "")

    monkeypatch.setattr(idle.programs, "ensure", lambda: None)
    monkeypatch.setattr(idle, "_start", lambda: None)
    monkeypatch.setattr(idle, "docker", docker)
    return idle


def test_containers_networks_and_volumes_of_a_killed_run_are_removed_before_anything_is_asked(idle_engine):
    with idle_engine:
        assert ("rm", "--force", "--volumes", "left") in idle_engine.said
        assert ("volume", "rm", "--force", "left") in idle_engine.said
        assert ("network", "rm", "left") in idle_engine.said


def test_where_no_packages_come_their_error_is_raised_not_that_of_a_missing_program(idle_engine, tmp_path, monkeypatch):
    def ensure():
        raise StackError("no packages")

    monkeypatch.setattr(idle_engine.programs, "ensure", ensure)
    monkeypatch.setattr(idle_engine.programs, "environment", lambda: {"PATH": str(tmp_path)})

    with pytest.raises(StackError, match="no packages"), idle_engine:
        pass


@pytest.fixture
def run(monkeypatch):
    """Return the command, whose engine cannot be started."""
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setattr(command, "can_run", lambda: True)

    def fails(_):
        raise StackError("no cgroups")

    monkeypatch.setattr(command.Engine, "__enter__", fails)
    return command.main


def test_where_no_engine_starts_the_command_says_so_and_ci_goes_on(run, capsys):
    assert run(["--quick"]) == command.NO_ENGINE
    assert "were not run: no cgroups" in capsys.readouterr().err
    assert f"./scripts/containers/run --quick || [ $? -eq {command.NO_ENGINE} ]" in (ROOT / ".ci/run").read_text()


def test_where_none_can_be_tried_the_command_says_so(run, monkeypatch, capsys):
    monkeypatch.setattr(command, "can_run", lambda: False)

    assert run([]) == command.NO_ENGINE
    assert "were not run: an engine needs root" in capsys.readouterr().out
