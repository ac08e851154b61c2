"""One network trained on several hosts, each taking its part of every batch; TensorFlow alone.

TensorFlow's MultiWorkerMirroredStrategy holds the weights on each host and adds up their gradients in every step. Each
host runs the same program with the same data and seed: it calls `join`, builds the network and calls
`helpers.training.fit`. The environment variable TF_CONFIG says to each who takes part:
{"cluster": {"worker": ["host1:port", "host2:port"]}, "task": {"type": "worker", "index": 0}}.

The losses are those of one host with the whole batches, but for layers that look at a whole batch or draw at random:
BatchNormalization takes the moments of a host's part, and each host draws its own Dropout. A whole `make book` is not
shared among hosts in this way; its networks are small enough to train one beside the other.
"""

from collections.abc import Iterator
from typing import Any

import keras


def joined() -> bool:
    """Whether networks are trained on several hosts from now on."""
    import tensorflow

    return isinstance(tensorflow.distribute.get_strategy(), tensorflow.distribute.MultiWorkerMirroredStrategy)


def join() -> int:
    """Waits for the others; every network that is built from now on is trained together.

    It has to come before anything is computed.

    Returns:
        The number of devices on all hosts.
    """
    import tensorflow

    strategy = tensorflow.distribute.MultiWorkerMirroredStrategy()
    tensorflow.distribute.experimental_set_strategy(strategy)
    _mend_keras()
    return strategy.num_replicas_in_sync


def _mend_keras() -> None:
    """Gets two things of Keras 3.15 out of the way that no batch on several hosts passes.

    It takes the mean of a single number along an axis that it does not have, where all hosts hold the same number; and
    it reduces inputs and targets as if both were one array, to see the shape of a batch, which `prepare` shows it.
    """
    from keras.src.backend.tensorflow import trainer

    reduce, build = trainer.reduce_per_replica, trainer.TensorFlowTrainer._maybe_symbolic_build

    def reduced(values: Any, strategy: Any, reduction: str) -> Any:
        return reduce(values, strategy, "first" if reduction == "auto" else reduction)

    def built(model: keras.Model, iterator: Any = None, data_batch: Any = None) -> None:
        if iterator is None:
            build(model, data_batch=data_batch)

    trainer.reduce_per_replica, trainer.TensorFlowTrainer._maybe_symbolic_build = reduced, built


def prepare(model: keras.Model, batches: keras.utils.PyDataset) -> None:
    """Lets Keras make what measures from a whole batch; from one that is spread over hosts it cannot, see above.

    Args:
        model: Compiled; its weights stay as they are.
        batches: Inputs and targets.
    """
    model.test_on_batch(*batches[0])
    model.reset_metrics()
    # On one host Keras looks at a first batch too, and asks for a new order before the first epoch.
    batches.on_epoch_end()


def part(batches: keras.utils.PyDataset, index: int, count: int) -> Iterator[tuple]:
    """One host's part of every batch: each of so many rows.

    Args:
        batches: Inputs and targets; the same on each host.
        index: Of the host, from 0.
        count: Of the hosts. Parts are of equal weight, so batches should divide by it: of one that does not, such as an
            epoch's last, the rows of the smaller part weigh more.

    Yields:
        Inputs and targets, batch by batch in the order that they have by now.
    """
    for number in range(len(batches)):
        yield keras.tree.map_structure(lambda array: array[index::count], batches[number])


def shared(batches: keras.utils.PyDataset) -> Any:
    """Batches as Keras takes them where each host trains on its part; a `PyDataset` it would run whole on every host.

    They have no end, and after each epoch a new order. At an end Keras would begin a step that finds no batch, and Adam
    count it.

    Args:
        batches: Inputs and targets; the same on each host.

    Returns:
        A `tf.distribute.DistributedDataset`.
    """
    import tensorflow

    def described(array: Any) -> Any:
        return tensorflow.TensorSpec((None, *array.shape[1:]), array.dtype)

    signature = keras.tree.map_structure(described, batches[0])

    def epochs(index: int, count: int) -> Iterator[tuple]:
        while True:
            yield from part(batches, index, count)
            batches.on_epoch_end()

    def on_this_host(context: Any) -> Any:
        own = (context.input_pipeline_id, context.num_input_pipelines)
        return tensorflow.data.Dataset.from_generator(lambda: epochs(*own), output_signature=signature)

    return tensorflow.distribute.get_strategy().distribute_datasets_from_function(on_this_host)
