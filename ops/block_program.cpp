#include <algorithm>
#include <atomic>

#include <gradus/core/parallel.hpp>
#include <gradus/ops/block_program.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::detail {
namespace {

/// Whole batches of every instruction set, so that each element falls into the batch into which it falls when
/// an action runs over the whole array.
constexpr std::size_t block_size = 4096;

/// Fewer blocks than this are not worth waking a second thread.
constexpr std::size_t parallel_grain = 16;

}  // namespace

template <class T>
auto BlockProgram<T>::array(T* data) -> Place {
  places_.push_back({data, 0, false, T(0)});
  return places_.size() - 1;
}

template <class T>
auto BlockProgram<T>::number(T value) -> Place {
  places_.push_back({nullptr, block_count_++, true, value});
  return places_.size() - 1;
}

template <class T>
auto BlockProgram<T>::temporary() -> Place {
  std::size_t block = block_count_;
  if (free_blocks_.empty()) {
    ++block_count_;
  } else {
    block = free_blocks_.back();
    free_blocks_.pop_back();
  }
  places_.push_back({nullptr, block, false, T(0)});
  return places_.size() - 1;
}

template <class T>
void BlockProgram<T>::release(Place place) {
  const Memory& memory = places_[place];
  if (!memory.array && !memory.is_number) free_blocks_.push_back(memory.block);
}

template <class T>
void BlockProgram<T>::run() const {
  const std::size_t blocks = (size_ + block_size - 1) / block_size;
  const std::size_t ranges = std::min<std::size_t>(static_cast<std::size_t>(num_threads()), blocks);
  const std::size_t memory_size = block_count_ * block_size;
  PooledVector<T> memory(ranges * memory_size);
  std::atomic<std::size_t> started{0};
  parallel_for(blocks, parallel_grain, [&](std::size_t begin, std::size_t end) {
    T* const own = memory.data() + started++ * memory_size;
    run_range(begin * block_size, std::min(size_, end * block_size), own);
  });
}

template <class T>
void BlockProgram<T>::run_range(std::size_t begin, std::size_t end, T* blocks) const {
  for (const Memory& place : places_)
    if (place.is_number) kernels::fill(blocks + place.block * block_size, place.number, block_size);
  for (; begin < end; begin += block_size) run_block(begin, std::min(block_size, end - begin), blocks);
}

template <class T>
void BlockProgram<T>::run_block(std::size_t begin, std::size_t n, T* blocks) const {
  const auto at = [&](Place place) {
    const Memory& memory = places_[place];
    return memory.array ? memory.array + begin : blocks + memory.block * block_size;
  };
  for (const Action& action : actions_) {
    const T* const from = at(action.from);
    T* const to = at(action.to);
    if (action.work)
      action.work->run_block(action.which, begin, n, from, to, action.accumulate);
    else
      action.accumulate ? kernels::add(from, to, n) : kernels::copy(from, to, n);
  }
}

template class BlockProgram<float>;
template class BlockProgram<double>;

}  // namespace gradus::detail
