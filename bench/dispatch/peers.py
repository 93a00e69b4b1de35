"""Peers on the same instances: OR-Tools routing, PyVRP, VROOM; routes in the scoring's format.

OR-Tools gets the whole model, with a greedy plan to start from or with its own first plan. PyVRP
and VROOM know neither lateness nor synchronised visits: they solve the day without the coupling,
then again with every two-caregiver visit pinned to the time found; what they cannot serve counts as
no result.
"""

from typing import Any

import numpy as np

from songbai.domain.dispatch.solver.instance import Instance

Routes = list[list[int]]
#: How far behind its window a visit may be for solvers that know no lateness.
SLACK = 60_000
FAR = 10**8


def as_solution(instance: Instance, routes: Routes) -> dict[str, Any]:
    """Routes in the scoring's format, without times."""
    return {
        "routes": [
            {
                "caregiver": instance.caregiver_ids[k],
                "visits": [
                    {
                        "patient": instance.patient_ids[instance.patient[v]],
                        "service": instance.service_ids[instance.service[v]],
                    }
                    for v in route
                ],
            }
            for k, route in enumerate(routes)
            if route
        ]
    }


def node_travel(instance: Instance) -> np.ndarray:
    """(n + 1, n + 1) travel between the office (0) and the services (1…)."""
    place = np.concatenate([[0], instance.patient + 1])
    return np.asarray(instance.travel[np.ix_(place, place)], dtype=np.int64)


def greedy(instance: Instance) -> Routes:
    """Patients in order of window opening, each service appended where the cost grows least."""
    travel = node_travel(instance)
    crew = np.arange(instance.caregivers)
    last, free = np.zeros_like(crew), np.zeros_like(crew)
    routes: Routes = [[] for _ in crew]
    for v in np.argsort(instance.opens, kind="stable").tolist():
        u = int(instance.partner[v])
        if 0 <= u < v:
            continue
        chosen: list[tuple[int, int]] = []
        starts: list[int] = []
        bar = -1
        for w in (v, u) if u >= 0 else (v,):
            start = np.maximum(free + travel[last, w + 1], instance.opens[w])
            if starts:
                start = np.maximum(start, starts[0] + int(instance.least[v]))
            detour = travel[last, w + 1] + travel[w + 1, 0] - travel[last, 0]
            price = detour + np.maximum(0, start - instance.closes[w]).astype(np.float64)
            price[~instance.able[w] | (crew == bar)] = np.inf
            bar = int(np.argmin(price))
            chosen.append((w, bar))
            starts.append(int(start[bar]))
        if u >= 0:
            starts[0] = max(starts[0], starts[1] - int(instance.most[v]))
        for (w, k), start_at in zip(chosen, starts, strict=True):
            routes[k].append(w)
            last[k], free[k] = w + 1, start_at + int(instance.minutes[w])
    return routes


#: Ways of making a first plan that OR-Tools tries, one after the other.
FIRST_PLANS = (
    "PARALLEL_CHEAPEST_INSERTION",
    "LOCAL_CHEAPEST_INSERTION",
    "PATH_CHEAPEST_ARC",
    "SAVINGS",
    "AUTOMATIC",
)


def ortools_model(instance: Instance) -> tuple[Any, Any]:
    """The day as a routing model: travel and lateness to pay, lags as equations between starts.

    The worst lateness cannot be priced there; it is counted afterwards.
    """
    from ortools.constraint_solver import pywrapcp

    n, k = instance.services, instance.caregivers
    manager = pywrapcp.RoutingIndexManager(n + 1, k, 0)
    routing = pywrapcp.RoutingModel(manager)
    travel = node_travel(instance)
    stay = np.concatenate([[0], instance.minutes]).astype(np.int64)
    arc = routing.RegisterTransitMatrix(travel.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(arc)
    whole = routing.RegisterTransitMatrix((travel + stay[:, None]).tolist())
    horizon = int(instance.closes.max()) * 10 + 10**7
    routing.AddDimension(whole, horizon, horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for v in range(n):
        index = manager.NodeToIndex(v + 1)
        clock.CumulVar(index).SetMin(int(instance.opens[v]))
        clock.SetCumulVarSoftUpperBound(index, int(instance.closes[v]), 1)
        able = np.flatnonzero(instance.able[v]).tolist()
        routing.VehicleVar(index).SetValues([-1, *able])
        u = int(instance.partner[v])
        if u > v:
            other = manager.NodeToIndex(u + 1)
            lag = clock.CumulVar(other) - clock.CumulVar(index)
            routing.solver().Add(lag >= int(instance.least[v]))
            routing.solver().Add(lag <= int(instance.most[v]))
            routing.solver().Add(routing.VehicleVar(index) != routing.VehicleVar(other))
    return manager, routing


def ortools(instance: Instance, seconds: float, first_plan: str | None = None) -> Routes | None:
    """OR-Tools routing with guided local search, from its own first plan or from the greedy one.

    Args:
        first_plan: one of ``FIRST_PLANS``; None: it is handed the greedy plan.
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    manager, routing = ortools_model(instance)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    options.time_limit.FromMilliseconds(int(seconds * 1000))
    if first_plan is None:
        routing.CloseModelWithParameters(options)
        greedy_plan = [[v + 1 for v in route] for route in greedy(instance)]
        given = routing.ReadAssignmentFromRoutes(greedy_plan, True)
        found = routing.SolveFromAssignmentWithParameters(given, options) if given else None
    else:
        strategy = getattr(routing_enums_pb2.FirstSolutionStrategy, first_plan)
        options.first_solution_strategy = strategy
        found = routing.SolveWithParameters(options)
    if found is None:
        return None
    routes: Routes = []
    for vehicle in range(instance.caregivers):
        index, route = found.Value(routing.NextVar(routing.Start(vehicle))), []
        while not routing.IsEnd(index):
            route.append(manager.IndexToNode(index) - 1)
            index = found.Value(routing.NextVar(index))
        routes.append(route)
    return routes


def twice(instance: Instance, seconds: float, solve: Any) -> Routes | None:
    """Solve without the coupling, pin the pairs to the times found, solve again."""
    opens = instance.opens.astype(np.int64)
    closes = instance.closes.astype(np.int64) + SLACK
    first = solve(instance, opens, closes, seconds / 2)
    if first is None:
        return None
    _, starts = first
    opens, closes = opens.copy(), closes.copy()
    for v in range(instance.services):
        u = int(instance.partner[v])
        if u > v:
            a = max(starts[v], starts[u] - int(instance.most[v]))
            b = max(starts[u], a + int(instance.least[v]))
            opens[v] = closes[v] = a
            opens[u] = closes[u] = b
    second = solve(instance, opens, closes, seconds / 2)
    return second[0] if second else None


def walk_starts(instance: Instance, routes: Routes, opens: np.ndarray) -> dict[int, int]:
    """Starts of each service when every route goes as early as it can."""
    travel, starts = node_travel(instance), {}
    for route in routes:
        now, here = 0, 0
        for v in route:
            now = max(int(opens[v]), now + int(travel[here, v + 1]))
            starts[v] = now
            now, here = now + int(instance.minutes[v]), v + 1
    return starts


def pyvrp(
    instance: Instance, opens: np.ndarray, closes: np.ndarray, seconds: float
) -> tuple[Routes, dict[int, int]] | None:
    """PyVRP; who may not serve whom is a very long way in the caregiver's own profile."""
    from pyvrp import Model
    from pyvrp.stop import MaxRuntime

    model = Model()
    stops = [model.add_location(v, 0) for v in range(instance.services + 1)]
    model.add_depot(stops[0])
    for v in range(instance.services):
        model.add_client(
            stops[v + 1], service_duration=int(instance.minutes[v]),
            tw_early=int(opens[v]), tw_late=int(closes[v]),
        )  # fmt: skip
    travel = node_travel(instance)
    for kind in np.unique(instance.able, axis=1).T:
        same = [k for k in range(instance.caregivers) if (instance.able[:, k] == kind).all()]
        profile = model.add_profile()
        model.add_vehicle_type(len(same), profile=profile, name=",".join(map(str, same)))
        for a, start_stop in enumerate(stops):
            for b, end_stop in enumerate(stops):
                way = int(travel[a, b]) if b == 0 or kind[b - 1] else FAR
                if a != b:
                    model.add_edge(start_stop, end_stop, way, way, profile=profile)
    best = model.solve(MaxRuntime(seconds), display=False).best
    if not best.is_feasible():
        return None
    names = [vehicle.name.split(",") for vehicle in model.vehicle_types]
    routes: Routes = [[] for _ in range(instance.caregivers)]
    for route in best.routes():
        k = int(names[route.vehicle_type()].pop())
        routes[k] = [int(step.idx) for step in route if step.is_client()]
        if any(not instance.able[v, k] for v in routes[k]):
            return None
    return routes, walk_starts(instance, routes, opens)


def vroom_solver(
    instance: Instance, opens: np.ndarray, closes: np.ndarray, seconds: float
) -> tuple[Routes, dict[int, int]] | None:
    """VROOM with skills, in hundredths of a minute, as it counts in 32 bits."""
    import vroom

    del seconds  # it ends by itself, mostly sooner

    day = vroom.Input()
    travel = np.ascontiguousarray(node_travel(instance) // 10, dtype=np.uint32)
    day.set_durations_matrix(profile="car", matrix_input=travel)
    kinds = {bytes(row): i for i, row in enumerate(np.unique(instance.able, axis=0))}
    kind_of = [kinds[bytes(row)] for row in instance.able]
    for v in range(instance.services):
        day.add_job(
            vroom.Job(
                id=v, location=v + 1, default_service=int(instance.minutes[v]) // 10,
                skills={kind_of[v]},
                time_windows=[vroom.TimeWindow(int(opens[v]) // 10, int(closes[v]) // 10 + 1)],
            )
        )  # fmt: skip
    for k in range(instance.caregivers):
        skills = {kind_of[v] for v in range(instance.services) if instance.able[v, k]}
        day.add_vehicle(vroom.Vehicle(id=k, start=0, end=0, skills=skills, profile="car"))
    found = day.solve(exploration_level=5, nb_threads=1)
    if found.summary.unassigned:
        return None
    steps = found.routes
    routes: Routes = [[] for _ in range(instance.caregivers)]
    for row in steps[steps["type"] == "job"].itertuples():
        routes[int(row.vehicle_id)].append(int(row.id))
    return routes, walk_starts(instance, routes, opens)
