"""Who is measured: one function a contestant, each solving the same task.

A contestant receives the task's arrays and returns (step, answer): a function without arguments
to be timed, and its result as plain numbers, which must agree with every other contestant's.

The network is 784-128-10 with a relu and float32 parameters; the task "jvp" is the tangent of
its mean cross-entropy along one direction over all parameters, or K at once; "sigmoid" is the same
with a sigmoid; the task "gradient" is the whole gradient; "scalar" is the derivative of x sin x at
2; "rosenbrock" the gradient of Rosenbrock's function of 100 numbers. HyperJet and num-dual have
numbers and no arrays: they take part in the last two.
"""

import os
from itertools import pairwise

THREADS = int(os.environ.get("BENCHMARK_THREADS", "1"))
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = str(THREADS)

import numpy as np  # noqa: E402  (the thread counts above are read when NumPy loads)

CONTESTANTS = {}
SIZES = (784, 128, 10)


def contestant(task, name, directions=(None,)):
    def register(prepare):
        CONTESTANTS[task, name] = (prepare, directions)
        return prepare

    return register


def arrays(batch, directions):
    """Images, labels, parameters and directions, the same in every process."""
    rng = np.random.default_rng(0)
    x = rng.random((batch, SIZES[0]), dtype=np.float32)
    labels = rng.integers(0, SIZES[-1], batch)
    parameters = []
    for fan_in, fan_out in pairwise(SIZES):
        scale = np.sqrt(2 / fan_in)
        parameters.append((rng.standard_normal((fan_in, fan_out)) * scale).astype(np.float32))
        parameters.append(np.zeros(fan_out, np.float32))
    lead = () if directions is None else (directions,)
    tangents = [rng.choice([-1, 1], lead + p.shape).astype(np.float32) for p in parameters]
    return x, labels, parameters, tangents


# --- NumPy by hand: the measure for all others ---------------------------------------------------


def relu(z):
    return np.maximum(z, 0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def numpy_loss(x, labels, parameters, activation=relu):
    w1, b1, w2, b2 = parameters
    z = activation(x @ w1 + b1) @ w2 + b2
    z = z - z.max(1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(labels)), labels])


@contestant("jvp", "NumPy, the loss alone", (None, 16))
def primal(x, labels, parameters, tangents, activation=relu):
    return lambda: numpy_loss(x, labels, parameters, activation), None


@contestant("sigmoid", "NumPy, the loss alone")
def primal_sigmoid(*given):
    return primal(*given, sigmoid)


@contestant("jvp", "NumPy, fused by hand", (None, 16))
def fused(x, labels, parameters, tangents, activation=relu):
    w1, b1, w2, b2 = parameters
    v1, c1, v2, c2 = tangents
    rows = np.arange(len(labels))

    def step():
        z = x @ w1
        z += b1
        dz = np.matmul(x, v1)
        dz += c1[..., None, :]
        if activation is relu:
            slope = z > 0
            a = z * slope
        else:
            np.negative(z, out=z)
            np.exp(z, out=z)
            z += 1
            a = np.reciprocal(z, out=z)
            slope = 1 - a
            slope *= a
        dz *= slope
        y = a @ w2
        y += b2
        dy = (dz.reshape(-1, 128) @ w2).reshape(*dz.shape[:-1], 10)
        dy += np.matmul(a, v2)
        dy += c2[..., None, :]
        y -= y.max(1, keepdims=True)
        p = np.exp(y)
        total = p.sum(1, keepdims=True)
        p /= total
        loss = np.mean(np.log(total[:, 0]) - y[rows, labels])
        return loss, (np.vecdot(dy, p) - dy[..., rows, labels]).mean(-1)

    return step, step()[1]


@contestant("sigmoid", "NumPy, fused by hand")
def fused_sigmoid(*given):
    return fused(*given, sigmoid)


@contestant("jvp", "central differences")
def differences(x, labels, parameters, tangents):
    def step(h=1e-3):
        ahead = [p + h * v for p, v in zip(parameters, tangents, strict=True)]
        behind = [p - h * v for p, v in zip(parameters, tangents, strict=True)]
        return (numpy_loss(x, labels, ahead) - numpy_loss(x, labels, behind)) / (2 * h)

    return step, None  # in float32 a difference is not an answer to compare with


# --- dual numbers --------------------------------------------------------------------------------


def dualedu_along(loss, parameters, tangents):
    from dualedu import jvp

    primals, directions = tuple(parameters), tuple(tangents)
    return lambda: jvp(loss, primals, directions), jvp(loss, primals, directions)[1]


@contestant("jvp", "dualedu.jvp of MLP.loss", (None, 16))
def dualedu_jvp(x, labels, parameters, tangents, activation="relu"):
    from dualedu import nn

    model = nn.MLP(SIZES, activation)
    return dualedu_along(lambda *p: model.loss(x, labels, p), parameters, tangents)


@contestant("jvp", "dualedu.jvp, the loss spelled out", (None, 16))
def dualedu_spelled_out(x, labels, parameters, tangents, activation="relu"):
    from dualedu import nn

    act = getattr(nn, activation)

    def loss(w1, b1, w2, b2):
        return np.mean(nn.cross_entropy(act(x @ w1 + b1) @ w2 + b2, labels))

    return dualedu_along(loss, parameters, tangents)


@contestant("sigmoid", "dualedu.jvp of MLP.loss")
def dualedu_sigmoid(*given):
    return dualedu_jvp(*given, "sigmoid")


@contestant("sigmoid", "dualedu.jvp, the loss spelled out")
def dualedu_sigmoid_spelled_out(*given):
    return dualedu_spelled_out(*given, "sigmoid")


@contestant("jvp", "dualpy.jvp")
def dualpy_jvp(x, labels, parameters, tangents):
    import dualpy

    def loss(w1, b1, w2, b2):
        z = x @ w1 + b1
        z = (z * (z > 0)) @ w2 + b2  # its np.maximum takes no constant
        z = z - np.max(z, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(labels)), labels])

    primals, directions = tuple(parameters), tuple(tangents)
    return lambda: dualpy.jvp(loss, primals, directions), dualpy.jvp(loss, primals, directions)[1]


# --- other libraries -----------------------------------------------------------------------------


def torch_task(x, labels, parameters):
    import torch

    torch.set_num_threads(THREADS)
    images, classes = torch.from_numpy(x), torch.from_numpy(labels)

    def loss(w1, b1, w2, b2):
        logits = torch.relu(images @ w1 + b1) @ w2 + b2
        return torch.nn.functional.cross_entropy(logits, classes)

    return torch, loss, [torch.from_numpy(p) for p in parameters]


@contestant("jvp", "torch.func.jvp", (None, 16))
def torch_func(x, labels, parameters, tangents):
    torch, loss, primals = torch_task(x, labels, parameters)
    directions = tuple(map(torch.from_numpy, tangents))
    run = lambda v: torch.func.jvp(loss, tuple(primals), v)  # noqa: E731
    if tangents[0].ndim == 3:
        run = torch.func.vmap(run)
    return lambda: run(directions), run(directions)[1].numpy()


@contestant("jvp", "torch.autograd.forward_ad")
def torch_forward_ad(x, labels, parameters, tangents):
    torch, loss, primals = torch_task(x, labels, parameters)
    forward = torch.autograd.forward_ad
    directions = list(map(torch.from_numpy, tangents))

    def step():
        with forward.dual_level():
            duals = map(forward.make_dual, primals, directions)
            return forward.unpack_dual(loss(*duals)).tangent

    return step, step().numpy()


def jax_task(x, labels):
    import jax
    import jax.numpy as jnp

    def loss(w1, b1, w2, b2):
        z = jnp.maximum(x @ w1 + b1, 0) @ w2 + b2
        return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(labels)), labels])

    return jax, loss


def jax_jvp(compiled):
    def prepare(x, labels, parameters, tangents):
        jax, loss = jax_task(x, labels)
        primals = tuple(map(jax.numpy.asarray, parameters))
        directions = tuple(map(jax.numpy.asarray, tangents))

        # The weights are arguments, as in training. Were they constants of a compiled function,
        # the compiler would compute the loss once and for all, and time the tangent alone.
        def run(p, v):
            return jax.jvp(loss, p, v)

        if tangents[0].ndim == 3:
            run = jax.vmap(run, in_axes=(None, 0), out_axes=(None, 0))
        if compiled:
            run = jax.jit(run).lower(primals, directions).compile()
            assert_products(run.as_text(), 5)
        answer = np.asarray(run(primals, directions)[1])
        return lambda: jax.block_until_ready(run(primals, directions)), answer

    return prepare


def assert_products(program, wanted):
    """A loss with one hidden layer has 2 matrix products, its tangent 3 more."""
    found = program.count(" dot(") + program.count("matmul")
    if found < wanted:
        raise AssertionError(f"the compiled program has {found} matrix products, not {wanted}")


contestant("jvp", "jax.jvp, compiled", (None, 16))(jax_jvp(True))
contestant("jvp", "jax.jvp, not compiled")(jax_jvp(False))


@contestant("jvp", "autograd.make_jvp")
def autograd_jvp(x, labels, parameters, tangents):
    import autograd
    import autograd.numpy as anp

    def loss(parameters):
        w1, b1, w2, b2 = parameters
        z = anp.dot(anp.maximum(anp.dot(x, w1) + b1, 0), w2) + b2
        z = z - anp.max(z, axis=1, keepdims=True)
        rows = anp.arange(len(labels))
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, labels])

    run = autograd.make_jvp(loss)(tuple(parameters))
    return lambda: run(tuple(tangents)), run(tuple(tangents))[1]


def casadi_task(x, labels, parameters):
    import casadi

    onehot = casadi.DM(np.eye(SIZES[-1])[labels])
    symbols = [casadi.MX.sym(f"p{i}", *np.atleast_2d(p).shape) for i, p in enumerate(parameters)]
    w1, b1, w2, b2 = symbols
    one = casadi.DM.ones(len(labels), 1)
    a = casadi.fmax(casadi.DM(x.astype(float)) @ w1 + one @ b1, 0)
    z = a @ w2 + one @ b2
    z = z - casadi.mmax(z)
    total = casadi.sum2(casadi.exp(z))
    loss = (casadi.sum1(casadi.log(total)) - casadi.sum1(casadi.sum2(onehot * z))) / len(labels)
    return casadi, symbols, loss, [np.atleast_2d(p).astype(float) for p in parameters]


@contestant("jvp", "CasADi, jtimes")
def casadi_jvp(x, labels, parameters, tangents):
    casadi, symbols, loss, primals = casadi_task(x, labels, parameters)
    directions = [casadi.MX.sym(f"v{i}", *symbol.shape) for i, symbol in enumerate(symbols)]
    slope = sum(casadi.jtimes(loss, p, v) for p, v in zip(symbols, directions, strict=True))
    run = casadi.Function("run", [*symbols, *directions], [loss, slope])
    given = list(map(casadi.DM, (*primals, *(np.atleast_2d(v) for v in tangents))))
    return lambda: run(*given), float(run(*given)[1])


# --- the whole gradient --------------------------------------------------------------------------


@contestant("gradient", "NumPy backpropagation, by hand")
def numpy_gradient(x, labels, parameters, tangents):
    w1, b1, w2, b2 = parameters
    rows = np.arange(len(labels))

    def step():
        z = x @ w1
        z += b1
        mask = z > 0
        a = z * mask
        y = a @ w2
        y += b2
        y -= y.max(1, keepdims=True)
        p = np.exp(y)
        total = p.sum(1, keepdims=True)
        p /= total
        loss = np.mean(np.log(total[:, 0]) - y[rows, labels])
        p[rows, labels] -= 1
        p /= len(labels)
        dz = p @ w2.T
        dz *= mask
        return loss, [x.T @ dz, dz.sum(0), a.T @ p, p.sum(0)]

    return step, step()[1]


@contestant("gradient", "dualedu.training.exact_gradient")
def dualedu_gradient(x, labels, parameters, tangents):
    from dualedu import nn, training

    model = nn.MLP(SIZES)
    model.parameters = list(parameters)
    step = lambda: training.exact_gradient(model, x, labels)  # noqa: E731
    return step, step()[1]


@contestant("gradient", "torch.autograd")
def torch_gradient(x, labels, parameters, tangents):
    torch, loss, primals = torch_task(x, labels, parameters)
    for p in primals:
        p.requires_grad_(True)

    def step():
        return torch.autograd.grad(loss(*primals), primals)

    return step, [g.numpy() for g in step()]


@contestant("gradient", "jax.grad, compiled")
def jax_gradient(x, labels, parameters, tangents):
    jax, loss = jax_task(x, labels)
    run = jax.jit(jax.grad(loss, argnums=(0, 1, 2, 3)))
    primals = tuple(map(jax.numpy.asarray, parameters))
    return lambda: jax.block_until_ready(run(*primals)), [np.asarray(g) for g in run(*primals)]


@contestant("gradient", "CasADi, gradient")
def casadi_gradient(x, labels, parameters, tangents):
    casadi, symbols, loss, primals = casadi_task(x, labels, parameters)
    run = casadi.Function("run", symbols, [casadi.gradient(loss, symbol) for symbol in symbols])
    given = list(map(casadi.DM, primals))
    return lambda: run(*given), [np.asarray(g) for g in run(*given)]


# --- one number ----------------------------------------------------------------------------------


@contestant("scalar", "dualedu.derivative")
def dualedu_scalar():
    from dualedu import derivative

    slope = derivative(lambda x: x * np.sin(x))
    return lambda: slope(2.0), slope(2.0)


@contestant("scalar", "dualpy.derivative")
def dualpy_scalar():
    import dualpy

    slope = dualpy.derivative(lambda x: x * np.sin(x))
    return lambda: slope(2.0), slope(2.0)


@contestant("scalar", "autograd.grad")
def autograd_scalar():
    import autograd
    import autograd.numpy as anp

    slope = autograd.grad(lambda x: x * anp.sin(x))
    return lambda: slope(2.0), slope(2.0)


@contestant("scalar", "torch.func.grad")
def torch_scalar():
    import torch

    torch.set_num_threads(THREADS)
    slope, x = torch.func.grad(lambda x: x * torch.sin(x)), torch.tensor(2.0, dtype=torch.float64)
    return lambda: slope(x), slope(x).item()


@contestant("scalar", "jax.grad, compiled")
def jax_scalar():
    import jax

    slope = jax.jit(jax.grad(lambda x: x * jax.numpy.sin(x)))
    return lambda: jax.block_until_ready(slope(2.0)), float(slope(2.0))


@contestant("scalar", "HyperJet")
def hyperjet_scalar():
    import hyperjet

    def slope(at):
        (x,) = hyperjet.DScalar.variables([at])
        return (x * x.sin()).g[0]

    return lambda: slope(2.0), slope(2.0)


@contestant("scalar", "num-dual")
def num_dual_scalar():
    import num_dual

    slope = lambda at: num_dual.first_derivative(lambda x: x * x.sin(), at)[1]  # noqa: E731
    return lambda: slope(2.0), slope(2.0)


@contestant("scalar", "CasADi")
def casadi_scalar():
    import casadi

    x = casadi.SX.sym("x")
    slope = casadi.Function("slope", [x], [casadi.gradient(x * casadi.sin(x), x)])
    return lambda: slope(2.0), float(slope(2.0))


# --- a function of 100 numbers -------------------------------------------------------------------

POINT = np.linspace(-1, 1, 100)


def rosenbrock(x, total=np.sum):
    return total(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_of_numbers(x):
    terms = ((b - a * a, 1 - a) for a, b in pairwise(x))
    return sum((c * c * 100 + d * d for c, d in terms), 0.0)


@contestant("rosenbrock", "NumPy, forward mode by hand")
def hand_rosenbrock():
    def slope(x):
        seeds = np.eye(len(x))
        off = x[1:] - x[:-1] ** 2
        d_off = seeds[:, 1:] - 2 * x[:-1] * seeds[:, :-1]
        value = np.sum(100 * off**2 + (1 - x[:-1]) ** 2)
        return value, 200 * (d_off @ off) - 2 * (seeds[:, :-1] @ (1 - x[:-1]))

    return lambda: slope(POINT), slope(POINT)[1]


@contestant("rosenbrock", "NumPy, the formula of the gradient")
def formula_rosenbrock():
    def slope(x):
        off = 2 * x[:-1] * (x[1:] - x[:-1] ** 2)
        found = np.zeros_like(x)
        found[1:] = 200 * (x[1:] - x[:-1] ** 2)
        found[:-1] -= 200 * off + 2 * (1 - x[:-1])
        return found

    return lambda: slope(POINT), slope(POINT)


@contestant("rosenbrock", "dualedu.gradient")
def dualedu_rosenbrock():
    from dualedu import gradient

    slope = gradient(rosenbrock)
    return lambda: slope(POINT), slope(POINT)


@contestant("rosenbrock", "autograd.grad")
def autograd_rosenbrock():
    import autograd
    import autograd.numpy as anp

    slope = autograd.grad(lambda x: rosenbrock(x, anp.sum))
    return lambda: slope(POINT), slope(POINT)


def torch_rosenbrock(transform):
    def prepare():
        import torch

        torch.set_num_threads(THREADS)
        x = torch.from_numpy(POINT)
        slope = getattr(torch.func, transform)(lambda x: rosenbrock(x, torch.sum))
        return lambda: slope(x), slope(x).numpy()

    return prepare


contestant("rosenbrock", "torch.func.grad")(torch_rosenbrock("grad"))
contestant("rosenbrock", "torch.func.jacfwd")(torch_rosenbrock("jacfwd"))


def jax_rosenbrock(transform):
    def prepare():
        import jax

        jax.config.update("jax_enable_x64", True)
        slope = jax.jit(getattr(jax, transform)(lambda x: rosenbrock(x, jax.numpy.sum)))
        x = jax.numpy.asarray(POINT)
        return lambda: jax.block_until_ready(slope(x)), np.asarray(slope(x))

    return prepare


contestant("rosenbrock", "jax.grad, compiled")(jax_rosenbrock("grad"))
contestant("rosenbrock", "jax.jacfwd, compiled")(jax_rosenbrock("jacfwd"))


@contestant("rosenbrock", "HyperJet")
def hyperjet_rosenbrock():
    import hyperjet

    def slope(x):
        return rosenbrock_of_numbers(hyperjet.DScalar.variables(list(x))).g

    return lambda: slope(POINT), slope(POINT)


@contestant("rosenbrock", "num-dual")
def num_dual_rosenbrock():
    import num_dual

    slope = lambda x: num_dual.gradient(rosenbrock_of_numbers, list(x))[1]  # noqa: E731
    return lambda: slope(POINT), np.ravel(slope(POINT))


@contestant("rosenbrock", "CasADi")
def casadi_rosenbrock():
    import casadi

    x = casadi.SX.sym("x", len(POINT))
    slope = casadi.Function("slope", [x], [casadi.gradient(rosenbrock(x, casadi.sum1), x)])
    return lambda: slope(POINT), np.ravel(slope(POINT))
