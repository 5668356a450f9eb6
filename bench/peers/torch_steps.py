"""Steps of training in PyTorch, with DistributedDataParallel where there is more than one rank."""

import time

import peer
import ranks

CLASSES, LETTERS, CONTEXT, WIDTH = 10, 65, 64, 128
BATCHES, CHECKED_STEP = 8, 5


def models(torch, nn, F):
    class Mlp(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2, self.fc3 = nn.Linear(784, 1024), nn.Linear(1024, 1024), nn.Linear(1024, CLASSES)

        def forward(self, x):
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    class Cnn(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 16, 5, padding=2), nn.Conv2d(16, 32, 5, padding=2)
            self.fc1, self.fc2 = nn.Linear(32 * 7 * 7, 128), nn.Linear(128, CLASSES)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x.view(-1, 1, 28, 28))), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc2(F.relu(self.fc1(x.reshape(x.size(0), -1))))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters, self.places = nn.Embedding(LETTERS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.ModuleList(
                nn.TransformerEncoderLayer(
                    WIDTH, 4, 4 * WIDTH, dropout=0, activation="gelu", batch_first=True, norm_first=True)
                for _ in range(4))
            self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS)
            self.mask = nn.Transformer.generate_square_subsequent_mask(CONTEXT)

        def forward(self, x):
            x = self.letters(x) + self.places(torch.arange(x.size(1)))
            for block in self.blocks:
                x = block(x, self.mask)
            return self.head(self.norm(x)).view(-1, LETTERS)

    def pixels(size):
        return torch.randn(size, 784), torch.randint(0, CLASSES, (size,))

    def text(size):
        return torch.randint(0, LETTERS, (size, CONTEXT)), torch.randint(0, LETTERS, (size * CONTEXT,))

    return {
        "mlp": (Mlp, lambda p: torch.optim.SGD(p, lr=0.01), pixels),
        "cnn": (Cnn, lambda p: torch.optim.Adam(p), pixels),
        "gpt": (Gpt, lambda p: torch.optim.AdamW(p), text),
    }


def main():
    given = peer.options(model="", ranks=1, threads=1, batch=0, steps=0, warm_up=0)

    def work(rank):
        import torch
        import torch.distributed as dist
        import torch.nn.functional as F
        from torch.nn.parallel import DistributedDataParallel
        torch.set_num_threads(given.threads)
        torch.manual_seed(1)
        make, optimizer_of, batch_of = models(torch, torch.nn, F)[given.model]
        model = make()
        # As Adam for all parameters at once comes as an option, the one that PyTorch takes by itself is meant.
        optimizer = optimizer_of(model.parameters())
        if given.ranks > 1:
            model = DistributedDataParallel(model)
        torch.manual_seed(100 + rank)
        batches = [batch_of(given.batch) for _ in range(BATCHES)]

        def step(number):
            x, target = batches[number % BATCHES]
            loss = F.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            return loss.item()

        def meet():
            if given.ranks > 1:
                dist.barrier()

        checked = float("nan")
        for number in range(1, given.warm_up + 1):
            loss = step(number)
            if number == CHECKED_STEP:
                checked = loss
        meet()
        started = time.perf_counter()
        for number in range(1, given.steps + 1):
            step(number)
        meet()
        seconds = time.perf_counter() - started
        if rank == 0:
            rows = given.steps * given.ranks * batches[0][1].size(0)
            peer.report(seconds, rows / seconds, check=f"loss {checked:.2f} at step {CHECKED_STEP}")

    ranks.run(given.ranks, work)


if __name__ == "__main__":
    main()
