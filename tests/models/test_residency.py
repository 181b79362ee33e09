"""Which models are in memory: the budget holds, what is in use stays, one load for all, no trace of a failure."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.core.errors import ModelMemoryError, OptionError
from models.residency import MEGABYTE, ModelKey, ModelPool, model_budget

BUDGET = 100


def key(name: str, device: str = "cpu") -> ModelKey:
    return ModelKey(name, "folder", device)


def pool_of(released: list[str] | None = None) -> ModelPool:
    return ModelPool(lambda device: BUDGET, (released if released is not None else []).append)


def names(pool: ModelPool) -> list[str]:
    return [resident.key.name for resident in pool.residents()]


def use(pool: ModelPool, name: str, size: int, device: str = "cpu") -> str:
    with pool.lease(key(name, device), lambda: f"model {name}", size) as model:
        return model


def never() -> str:
    raise AssertionError("it was loaded already")


def test_a_model_is_loaded_once_and_stays() -> None:
    pool = pool_of()
    assert use(pool, "a", 10) == "model a"
    with pool.lease(key("a"), never, 10) as model:
        assert model == "model a"
    assert pool.residents()[0].leases == 0


def test_the_least_recently_used_goes_first_and_no_more_than_must() -> None:
    pool = pool_of()
    for name in ("a", "b", "c"):
        use(pool, name, 30)
    use(pool, "a", 30)
    use(pool, "d", 30)
    assert names(pool) == ["c", "a", "d"]


def test_what_is_in_use_stays_and_too_much_is_refused_with_the_setting() -> None:
    pool = pool_of()
    with pool.lease(key("a"), lambda: "a", 60):
        with pytest.raises(ModelMemoryError, match=r"b needs 1 MB .* raise MULTIPLANE_MODEL_MEMORY_MB"):
            use(pool, "b", 60)
        assert names(pool) == ["a"]
        use(pool, "b", 40)
        assert sorted(names(pool)) == ["a", "b"]
    with pytest.raises(ModelMemoryError, match=r"c needs 1 MB on cpu, and models may take 1 MB"):
        use(pool, "c", BUDGET + 1)


def test_a_refusal_drops_nothing() -> None:
    pool = pool_of()
    use(pool, "idle", 30)
    with pool.lease(key("a"), lambda: "a", 60), pytest.raises(ModelMemoryError):
        use(pool, "b", 60)
    assert names(pool) == ["idle", "a"]


def test_each_device_has_a_budget_of_its_own() -> None:
    released: list[str] = []
    pool = pool_of(released)
    use(pool, "a", 80)
    use(pool, "a", 80, "cuda:0")
    assert (pool.taken("cpu"), pool.taken("cuda:0")) == (80, 80)
    with pytest.raises(ModelMemoryError, match="raise MULTIPLANE_MODEL_GPU_MEMORY_MB"):
        use(pool, "b", 101, "cuda:0")
    assert pool.clear() == 160
    assert (pool.taken("cpu"), pool.taken("cuda:0")) == (0, 0)
    assert released[-2:] == ["cpu", "cuda:0"]


def test_a_measured_size_takes_the_place_of_the_declared_one() -> None:
    pool = pool_of()
    use(pool, "idle", 50)
    with pool.lease(key("a"), lambda: "a", 10, lambda model: 70):
        assert pool.taken("cpu") == 70
        assert names(pool) == ["a"], "the idle one made room for what was not declared"


def test_a_failing_load_leaves_no_trace_and_is_tried_again() -> None:
    pool = pool_of()

    def fail() -> str:
        raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"), pool.lease(key("a"), fail, 50):
        pass
    assert pool.residents() == ()
    assert use(pool, "a", 50) == "model a"


def test_an_error_of_the_user_ends_the_lease_and_the_model_stays() -> None:
    pool = pool_of()
    with pytest.raises(KeyError), pool.lease(key("a"), lambda: "a", 50):
        raise KeyError
    assert pool.residents()[0].leases == 0


def test_a_load_may_lease_another_model_but_not_itself() -> None:
    pool = pool_of()

    def itself() -> str:
        return use(pool, "c", 20)

    with pool.lease(key("a"), lambda: use(pool, "b", 20) + "!", 20) as model:
        assert model == "model b!"
    with pytest.raises(RuntimeError, match="the load of c leases itself"), pool.lease(key("c"), itself, 20):
        pass
    assert "c" not in names(pool)


def test_all_who_ask_at_once_share_one_load() -> None:
    pool, loads = pool_of(), []
    gate = threading.Barrier(6)

    def load() -> object:
        loads.append(1)
        time.sleep(0.02)
        return object()

    def ask(_: int) -> object:
        gate.wait()
        with pool.lease(key("a"), load, 50) as model:
            return model

    with ThreadPoolExecutor(6) as crew:
        assert len(set(map(id, crew.map(ask, range(6))))) == 1
    assert len(loads) == 1


def test_of_those_who_wait_for_a_load_that_fails_another_one_loads() -> None:
    pool, loads, started = pool_of(), [], threading.Event()

    def load() -> str:
        loads.append(1)
        if len(loads) == 1:
            started.set()
            time.sleep(0.02)
            raise OSError("gone for a moment")
        return "model"

    def ask(number: int) -> str:
        if number:
            started.wait()
        try:
            with pool.lease(key("a"), load, 50) as model:
                return model
        except OSError as error:
            return str(error)

    with ThreadPoolExecutor(4) as crew:
        assert sorted(crew.map(ask, range(4))) == ["gone for a moment", "model", "model", "model"]
    assert len(loads) == 2


def test_a_thread_waits_for_room_that_another_one_holds() -> None:
    pool, order = pool_of(), []
    held = threading.Event()

    def other() -> None:
        held.wait()
        with pool.lease(key("b"), lambda: order.append("b loaded"), 60):
            pass

    thread = threading.Thread(target=other)
    thread.start()
    with pool.lease(key("a"), lambda: "a", 60):
        held.set()
        time.sleep(0.02)
        order.append("a done")
    thread.join(10)
    assert order == ["a done", "b loaded"]
    assert names(pool) == ["b"]


def test_many_threads_never_pass_the_budget_and_all_come_to_an_end() -> None:
    pool, worst = pool_of(), []
    sizes = {"a": 60, "b": 50, "c": 30, "d": 20}

    def work(number: int) -> None:
        for step in range(30):
            name = "abcd"[(number * 7 + step * step) % 4]
            with pool.lease(key(name), lambda name=name: name, sizes[name]) as model:
                assert model == name
                worst.append(pool.taken("cpu"))

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(work, range(8)))
    assert max(worst) <= BUDGET
    assert all(resident.leases == 0 for resident in pool.residents())


class Pool(RuleBasedStateMachine):
    """One thread, any order of leases: the pool against what its rules say."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = pool_of()
        self.open: list[tuple[str, ExitStack]] = []

    @rule(name=st.sampled_from("abcdef"))
    def lease(self, name: str) -> None:
        size = 10 + 12 * "abcdef".index(name)
        in_use = sum(10 + 12 * "abcdef".index(held) for held in {held for held, _ in self.open} - {name})
        stack = ExitStack()
        load: Callable[[], str] = never if name in {held for held, _ in self.open} else lambda: name
        try:
            assert stack.enter_context(self.pool.lease(key(name), load, size)) == name
        except ModelMemoryError:
            assert in_use + size > BUDGET
        else:
            self.open.append((name, stack))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        _, stack = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        stack.close()

    @rule()
    def clear(self) -> None:
        self.pool.clear()

    @invariant()
    def holds(self) -> None:
        there = {resident.key.name: resident.leases for resident in self.pool.residents()}
        assert self.pool.taken("cpu") <= BUDGET
        for name in "abcdef":
            assert there.get(name, 0) == sum(held == name for held, _ in self.open)


TestPool = Pool.TestCase
TestPool.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_the_budget_is_the_site_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MODEL_MEMORY_MB", "256")
    assert model_budget("cpu") == 256 * MEGABYTE
    monkeypatch.setenv("MULTIPLANE_MODEL_GPU_MEMORY_MB", "5000")
    assert model_budget("cuda:1") == 5000 * MEGABYTE
    monkeypatch.setenv("MULTIPLANE_MODEL_MEMORY_MB", "255")
    with pytest.raises(OptionError, match="MULTIPLANE_MODEL_MEMORY_MB='255' is not usable"):
        model_budget("cpu")
