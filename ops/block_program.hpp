#pragma once

#include <cstddef>

#include <gradus/core/pool.hpp>

/// Elementwise work over large arrays of one size, done in blocks: every action on the first elements, then
/// every action on the next ones. What one action writes is still in the cache when another reads it, and
/// what lives from one action to the next only never becomes an array.
namespace gradus::detail {

/// From this many elements on, elementwise steps go through blocks: smaller arrays stay in the cache anyway.
inline constexpr std::size_t smallest_in_blocks = 32768;

/// Something elementwise that can be done to any range of elements.
template <class T>
class BlockWork {
 public:
  /// Elements [begin, begin + n), `from` and `to` pointing at the first of them. `which` is the part of the
  /// work asked for; `accumulate`: add to what is there.
  virtual void run_block(std::size_t which, std::size_t begin, std::size_t n, const T* from, T* to,
                         bool accumulate) const = 0;

 protected:
  ~BlockWork() = default;
};

/// Actions in their order, and the places they read and write.
template <class T>
class BlockProgram {
 public:
  using Place = std::size_t;

  explicit BlockProgram(std::size_t size) : size_(size) {}

  /// An array of this program's size.
  Place array(T* data);
  /// The same number in every element, not to be written.
  Place number(T value);
  /// Memory for one block. Given back with release(), it serves actions added later.
  Place temporary();
  void release(Place place);

  void work(const BlockWork<T>& work, std::size_t which, Place from, Place to, bool accumulate) {
    actions_.push_back({&work, which, from, to, accumulate});
  }
  /// to (+)= from
  void copy(Place from, Place to, bool accumulate) { actions_.push_back({nullptr, 0, from, to, accumulate}); }

  /// Does it all, on several threads where there is enough; the result does not depend on how many. Throws
  /// nothing but std::bad_alloc, before anything is written.
  void run() const;

 private:
  struct Memory {
    T* array;  // null: the block number `block` among those of a thread
    std::size_t block;
    bool is_number;
    T number;
  };
  struct Action {
    const BlockWork<T>* work;
    std::size_t which;
    Place from, to;
    bool accumulate;
  };

  void run_range(std::size_t begin, std::size_t end, T* blocks) const;
  void run_block(std::size_t begin, std::size_t n, T* blocks) const;

  std::size_t size_;
  PooledVector<Memory> places_;
  PooledVector<Action> actions_;
  PooledVector<std::size_t> free_blocks_;
  std::size_t block_count_ = 0;
};

extern template class BlockProgram<float>;
extern template class BlockProgram<double>;

}  // namespace gradus::detail
