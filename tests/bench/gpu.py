"""gpu.py PROGRAM DIR - epochs of PROGRAM (mich-net-cuda) and of PyTorch on the matrix DIR/m, in turn: gpu.sh says
what it prints. PyTorch's rows lie on the device too, its order is drawn there, and its loss is read once a
turn. Without PyTorch its figures are null."""
import json
import os
import statistics
import subprocess
import sys
import time

try:
    import torch
except ImportError:
    torch = None

PROGRAM, DIR = sys.argv[1:3]
BATCHES = [int(b) for b in os.environ.get("BATCHES", "1024 8192 16384").split()]
MATHS = os.environ.get("MATHS", "bf16 tf32 fp32").split()
EPOCHS, PAIRS = int(os.environ.get("EPOCHS", "6")), int(os.environ.get("PAIRS", "3"))
STEPS = int(os.environ.get("STEPS", "1500"))
END = time.monotonic() + float(os.environ.get("SECONDS", "300"))
UNITS, INPUTS = 256, 28
# Forward, and backward without the gradient of the inputs.
FLOP_A_ROW = 2 * (INPUTS * UNITS + UNITS * UNITS + UNITS) * 3 - 2 * INPUTS * UNITS


def mich(batch, math):
    """Seconds an epoch after the first, which sends the rows, and the loss of epoch PAIRS."""
    out = os.path.join(DIR, "out")
    events = os.path.join(DIR, "events")
    os.makedirs(out, exist_ok=True)
    if os.path.exists(events):
        os.remove(events)
    params = {"hidden": "256,256", "batch": batch, "epochs": EPOCHS, "early_stopping": 0, "math": math,
              "schedule": "constant"}
    env = dict(os.environ, MICH_OUT=out, MICH_IN_MATRIX=os.path.join(DIR, "m"), MICH_EVENTS=events,
               MICH_PARAMS=json.dumps(params))
    ran = subprocess.run([PROGRAM], env=env, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        raise RuntimeError(f"{os.path.basename(PROGRAM)} ended with {ran.returncode}: {ran.stderr[-600:]}")
    with open(events) as f:
        lines = [json.loads(line) for line in f]
    ends = [line for line in lines if line["epoch"] == int(line["epoch"])]
    took = (ends[-1]["time_s"] - ends[0]["time_s"]) / (len(ends) - 1)
    return took, ends[min(PAIRS, EPOCHS) - 1]["loss"]


def load(name, *shape):
    with open(os.path.join(DIR, "m", "train", name), "rb") as f:
        raw = bytearray(f.read())
    return torch.frombuffer(raw, dtype=torch.float32, offset=128).reshape(*shape)


class Torch:
    """The same net, optimiser and batches; compiled: forward and back with CUDA graphs, and a fused Adam."""

    def __init__(self):
        self.device = os.environ.get("DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
        self.x = load("x.npy", -1, INPUTS).to(self.device)
        self.y = load("y.npy", -1).to(self.device)
        self.x = (self.x - self.x.mean(0)) / self.x.std(0)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def make(self, math, compiled):
        torch.manual_seed(1)
        torch.set_float32_matmul_precision("highest" if math == "fp32" else "high")
        net = torch.nn.Sequential(
            torch.nn.Linear(INPUTS, UNITS), torch.nn.ReLU(),
            torch.nn.Linear(UNITS, UNITS), torch.nn.ReLU(),
            torch.nn.Linear(UNITS, 1)).to(self.device)
        fused = {"fused": True} if compiled and self.device == "cuda" else {}
        adam = torch.optim.Adam(net.parameters(), lr=1e-3, **fused)
        loss_of = torch.nn.BCEWithLogitsLoss()

        def forward(rows):
            with torch.autocast(self.device, torch.bfloat16, enabled=math == "bf16"):
                out = net(self.x[rows])
            return loss_of(out.squeeze(1).float(), self.y[rows])

        if compiled:
            torch.compiler.reset()
            forward = torch.compile(forward, mode="reduce-overhead" if self.device == "cuda" else "default")

        def step(rows):
            if compiled:
                torch.compiler.cudagraph_mark_step_begin()
            adam.zero_grad(set_to_none=True)
            loss = forward(rows)
            loss.backward()
            adam.step()
            return loss.detach()
        return step

    def epoch(self, step, batch):
        """Seconds an epoch and the mean loss, by STEPS whole batches of one at most."""
        rows = len(self.y)
        n = min(rows // batch, STEPS)
        total = torch.zeros((), device=self.device)
        self.wait()
        begin = time.perf_counter()
        order = torch.randperm(rows, device=self.device)
        self.wait()
        drawn = time.perf_counter() - begin
        begin = time.perf_counter()
        for i in range(n):
            total += step(order[i * batch:(i + 1) * batch])
        self.wait()
        return drawn + (time.perf_counter() - begin) * rows / (n * batch), total.item() / n

    def floor(self, math):
        """Seconds for an epoch's products at the speed of a large one."""
        torch.set_float32_matmul_precision("highest" if math == "fp32" else "high")
        n = 8192 if self.device == "cuda" else 512
        kind = torch.bfloat16 if math == "bf16" else torch.float32
        a = torch.randn(n, n, device=self.device, dtype=kind)
        best = float("inf")
        for _ in range(10):
            self.wait()
            begin = time.perf_counter()
            a @ a
            self.wait()
            best = min(best, time.perf_counter() - begin)
        return FLOP_A_ROW * len(self.y) / (2 * n ** 3 / best)


def ratio(a, b):
    return round(a / b, 2) if a and b else None


def middle(values):
    return round(statistics.median(values), 5) if values else None


def say(what):
    print(what, file=sys.stderr, flush=True)


def first_line(e):
    return (str(e).splitlines() or [type(e).__name__])[0][:300]


def make_steps(peer, batch, math):
    """Both kinds of step, warm. Where there is no compiler: said, and its figures are null."""
    steps = {}
    for name in ("eager", "compiled"):
        try:
            step = peer.make(math, name == "compiled")
            for _ in range(8):
                step(torch.randperm(len(peer.y), device=peer.device)[:batch])
            steps[name] = step
        except Exception as e:
            say(f"{math}, {batch}, {name}: {first_line(e)}")
    return steps


def turns(peer, batch, math):
    """Seconds and losses by name, PAIRS of each, in turn. Who fails is said and left out."""
    took, losses = {}, {}
    runs = {"mich": lambda: mich(batch, math)}
    for name, step in (make_steps(peer, batch, math) if peer else {}).items():
        runs[name] = lambda step=step: peer.epoch(step, batch)
    for _ in range(PAIRS):
        for name, run in list(runs.items()):
            try:
                s, loss = run()
                took.setdefault(name, []).append(s)
                losses[name] = round(loss, 5)
            except Exception as e:
                say(f"{math}, {batch}, {name}: {first_line(e)}")
                del runs[name]
    return {name: middle(v) for name, v in took.items()}, losses


def measure(peer, batch, math):
    took, losses = turns(peer, batch, math)
    floor = round(peer.floor(math), 5) if peer else None
    m, e, c = (took.get(name) for name in ("mich", "eager", "compiled"))
    name = torch.cuda.get_device_name() if peer and peer.device == "cuda" else "cpu"
    print(json.dumps({
        "case": "gpu", "device": name, "math": math, "rows": len(peer.y) if peer else None, "batch": batch,
        "mich_s": m, "eager_s": e, "compiled_s": c, "floor_s": floor, "to_eager": ratio(e, m),
        "to_compiled": ratio(c, m), "of_floor": ratio(m, floor), "mich_loss": losses.get("mich"),
        "eager_loss": losses.get("eager")}), flush=True)
    return m is not None


def main():
    peer, good = None, True
    if torch:
        try:
            peer = Torch()
        except Exception as e:
            say(f"PyTorch: {first_line(e)}")
    for math in MATHS:
        for batch in BATCHES:
            if time.monotonic() > END:
                say(f"{math}, {batch}: left out, SECONDS are over")
                continue
            good &= measure(peer, batch, math)
    return 0 if good else 1


sys.exit(main())
