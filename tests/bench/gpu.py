"""gpu.py PROGRAM DIR - epochs of PROGRAM (mich-net-cuda) and of PyTorch on the matrix DIR/m, in turn: gpu.sh says
what it prints. PyTorch's rows lie on the device too, its order is drawn there, and its loss is read once an
epoch. Without PyTorch its figures are null."""
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
MATHS = os.environ.get("MATHS", "fp32 bf16").split()
EPOCHS, PAIRS = int(os.environ.get("EPOCHS", "6")), int(os.environ.get("PAIRS", "3"))
UNITS, INPUTS = 256, 28
# Forward, and backward without the gradient of the inputs.
FLOP_A_ROW = 2 * (INPUTS * UNITS + UNITS * UNITS + UNITS) * 3 - 2 * INPUTS * UNITS


def mich(batch, math):
    """Seconds an epoch after the first, which sends the rows; the loss of epoch PAIRS, as PyTorch's."""
    out = os.path.join(DIR, "out")
    events = os.path.join(DIR, "events")
    os.makedirs(out, exist_ok=True)
    if os.path.exists(events):
        os.remove(events)
    params = {"hidden": "256,256", "batch": batch, "epochs": EPOCHS, "early_stopping": 0, "math": math,
              "schedule": "constant"}
    env = dict(os.environ, MICH_OUT=out, MICH_IN_MATRIX=os.path.join(DIR, "m"), MICH_EVENTS=events,
               MICH_PARAMS=json.dumps(params))
    subprocess.run([PROGRAM], env=env, check=True, stderr=subprocess.PIPE)
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
    """The same net, optimiser and batches; compiled: a step is compiled whole, with CUDA graphs."""

    def __init__(self):
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
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

        def gradient(rows):
            with torch.autocast(self.device, torch.bfloat16, enabled=math == "bf16"):
                out = net(self.x[rows])
            loss = loss_of(out.squeeze(1).float(), self.y[rows])
            loss.backward()
            return loss.detach()

        if compiled:
            gradient = torch.compile(gradient, mode="reduce-overhead" if self.device == "cuda" else "default")

        def step(rows):
            adam.zero_grad(set_to_none=not compiled)
            loss = gradient(rows)
            adam.step()
            return loss
        return step

    def epoch(self, step, batch):
        """Whole batches alone, so that a compiled step sees one shape; the time of the rest is added by proportion."""
        rows = len(self.y)
        total = torch.zeros((), device=self.device)
        self.wait()
        begin = time.perf_counter()
        order = torch.randperm(rows, device=self.device)
        whole = rows // batch
        for i in range(whole):
            total += step(order[i * batch:(i + 1) * batch])
        self.wait()
        return (time.perf_counter() - begin) * rows / (whole * batch), total.item() / whole

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


def measure(peer, batch, math):
    ours, eager, compiled, losses, peer_losses = [], [], [], [], []
    steps = {}
    if peer:
        steps = {"eager": peer.make(math, False), "compiled": peer.make(math, True)}
        for name, step in list(steps.items()):
            try:
                for _ in range(5):
                    step(torch.randperm(len(peer.y), device=peer.device)[:batch])
            except Exception as e:  # a compiler that is not there: said, and its figures are null
                print(f"{name}: {str(e).splitlines()[0]}", file=sys.stderr)
                del steps[name]
    for _ in range(PAIRS):
        took, loss = mich(batch, math)
        ours.append(took)
        losses.append(loss)
        for name, into in (("eager", eager), ("compiled", compiled)):
            if name in steps:
                took, loss = peer.epoch(steps[name], batch)
                into.append(took)
                if name == "eager":
                    peer_losses.append(loss)
    floor = round(peer.floor(math), 5) if peer else None
    m, e, c = middle(ours), middle(eager), middle(compiled)
    name = torch.cuda.get_device_name() if peer and peer.device == "cuda" else "cpu"
    print(json.dumps({
        "case": "gpu", "device": name, "math": math, "rows": len(peer.y) if peer else None, "batch": batch,
        "mich_s": m, "eager_s": e, "compiled_s": c, "floor_s": floor, "to_eager": ratio(e, m),
        "to_compiled": ratio(c, m), "of_floor": ratio(m, floor), "mich_loss": round(losses[-1], 5),
        "eager_loss": round(peer_losses[-1], 5) if peer_losses else None}), flush=True)


def main():
    peer = Torch() if torch else None
    for math in MATHS:
        for batch in BATCHES:
            measure(peer, batch, math)


main()
