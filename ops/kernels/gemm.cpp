#include <algorithm>
#include <atomic>
#include <limits>
#include <new>

#include <dnnl.h>
#include <xtensor-blas/xblas.hpp>

#include <gradus/core/parallel.hpp>
#include <gradus/ops/kernels/gemm.hpp>
#include <gradus/ops/kernels/small_gemm.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

// There when the BLAS is OpenBLAS.
extern "C" [[gnu::weak]] void openblas_set_num_threads(int);

namespace gradus::kernels {
namespace {

/// Keeps oneDNN, which asks OpenMP, on this thread while it lives.
class OneThread {
 public:
  OneThread() { set(1); }
  ~OneThread() { set(before_); }

 private:
#ifdef _OPENMP
  static void set(int threads) { omp_set_num_threads(threads); }
  int before_ = omp_get_max_threads();
#else
  static void set(int) {}
  int before_ = 1;
#endif
};

/// The operands' rows lie lda, ldb and ldc elements apart.
struct Product {
  Trans ta, tb;
  std::size_t m, n, k, lda, ldb, ldc;
};

// False where there was no memory for it: thrown on a worker thread it would end the program.
bool multiply(const Product& p, const float* a, const float* b, float beta, float* c) {
  const OneThread one_thread;
  const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
  return dnnl_sgemm(p.ta == Trans::yes ? 'T' : 'N', p.tb == Trans::yes ? 'T' : 'N', size(p.m), size(p.n),
                    size(p.k), 1, a, size(p.lda), b, size(p.ldb), beta, c, size(p.ldc)) == dnnl_success;
}

bool multiply(const Product& p, const double* a, const double* b, double beta, double* c) {
  keep_blas_on_this_thread();
  const auto size = [](std::size_t n) { return static_cast<xt::blas_index_t>(n); };
  const auto transpose = [](Trans t) { return t == Trans::yes ? cxxblas::Trans : cxxblas::NoTrans; };
  cxxblas::gemm(cxxblas::RowMajor, transpose(p.ta), transpose(p.tb), size(p.m), size(p.n), size(p.k), 1.0, a,
                size(p.lda), b, size(p.ldb), beta, c, size(p.ldc));
  return true;
}

/// Products below this many multiplications stay on one thread.
constexpr std::size_t worth_threads = std::size_t{8} << 20;

/// Each panel copies the operand that all share: 16 panels of 128 columns cost a product of 2048 columns 7 to
/// 21 %, two cost it 0 to 3 %.
constexpr std::size_t panel_width = 1024;

/// In how many panels C is computed: the same at any number of threads, because where a BLAS cuts decides how
/// it rounds. At least two where a second thread is worth it.
std::size_t count_panels(const Product& p) {
  if (p.m * p.n < worth_threads / p.k) return 1;
  return std::clamp<std::size_t>(std::max(p.m, p.n) / panel_width, 2, 16);
}

static_assert(largest_gemm_extent <= std::numeric_limits<xt::blas_index_t>::max());

}  // namespace

void keep_blas_on_this_thread() {
  static const bool done = [] {
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

std::size_t gemms_worth_a_thread(std::size_t m, std::size_t n, std::size_t k) {
  return std::max<std::size_t>(worth_threads / 2 / std::max<std::size_t>(m * n * k, 1), 1);
}

template <class T>
void gemm(Trans ta, Trans tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T beta,
          T* c) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (beta == T(0)) std::fill_n(c, m * n, T(0));
    return;
  }
  if (small_gemm(ta, tb, m, n, k, a, b, beta, c)) return;
  const Product whole{ta, tb, m, n, k, ta == Trans::yes ? m : k, tb == Trans::yes ? k : n, n};
  const std::size_t panels = count_panels(whole);
  if (panels == 1) {
    if (!multiply(whole, a, b, beta, c)) throw std::bad_alloc();
    return;
  }

  std::atomic<bool> is_complete{true};
  parallel_for(panels, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      Product panel = whole;
      if (n >= m) {
        const std::size_t begin = n * i / panels;
        panel.n = n * (i + 1) / panels - begin;
        if (!multiply(panel, a, b + begin * (tb == Trans::yes ? k : 1), beta, c + begin)) is_complete = false;
      } else {
        const std::size_t begin = m * i / panels;
        panel.m = m * (i + 1) / panels - begin;
        if (!multiply(panel, a + begin * (ta == Trans::yes ? 1 : k), b, beta, c + begin * n))
          is_complete = false;
      }
    }
  });
  if (!is_complete) throw std::bad_alloc();
}

template void gemm(Trans, Trans, std::size_t, std::size_t, std::size_t, const float*, const float*, float,
                   float*);
template void gemm(Trans, Trans, std::size_t, std::size_t, std::size_t, const double*, const double*, double,
                   double*);

}  // namespace gradus::kernels
