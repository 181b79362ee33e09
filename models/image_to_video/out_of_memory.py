"""Telling that a device ran out of memory from every other failure: libraries say it in several ways."""

SIGNS = (
    "out of memory",  # torch's allocator, and CUDA itself
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "DefaultCPUAllocator",  # "can't allocate memory" and "not enough memory", by the version of torch
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device, or the host, has not enough memory for what was asked."""
    if isinstance(error, MemoryError):
        return True
    # torch.OutOfMemoryError is a RuntimeError too, and says "CUDA out of memory".
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)
