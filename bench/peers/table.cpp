// Runs the engines in turns on every workload and prints one table: medians of the repetitions, minima in
// brackets, Gradus' ratio to the engine its target speaks of.
//
//     table [--repetitions 9] [--only <part of a key>]
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "../markdown.hpp"
#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gradus/ops/blas_info.hpp>

namespace {

/// The engines in the order of their columns: programs beside this one.
const std::vector<std::pair<std::string, std::string>> columns{{"limit", "limit"},
                                                               {"libtorch", "libtorch"},
                                                               {"stan_math", "Stan Math"},
                                                               {"adolc", "ADOL-C"},
                                                               {"gradus", "Gradus"}};

/// An engine at work: see engine.hpp.
class Engine {
 public:
  explicit Engine(const std::filesystem::path& program) : name_(program.filename()) {
    if (!std::filesystem::exists(program)) return;  // its package was not there
    int questions[2], answers[2];
    if (pipe2(questions, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) fail("no pipe");
    process_ = fork();
    if (process_ == 0) {
      dup2(questions[0], STDIN_FILENO);
      dup2(answers[1], STDOUT_FILENO);
      execl(program.c_str(), program.c_str(), nullptr);
      _exit(127);
    }
    close(questions[0]);
    close(answers[1]);
    questions_ = fdopen(questions[1], "w");
    answers_ = fdopen(answers[0], "r");
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() {
    if (questions_ == nullptr) return;
    fclose(questions_);
    fclose(answers_);
    waitpid(process_, nullptr, 0);
  }

  const std::string& name() const { return name_; }

  /// Adds the nanoseconds of one repetition, if the engine has the workload.
  void repeat(const std::string& key, std::vector<double>& times) const {
    if (questions_ == nullptr) return;
    char answer[64];
    if (std::fprintf(questions_, "%s\n", key.c_str()) < 0 || std::fflush(questions_) != 0 ||
        std::fgets(answer, sizeof answer, answers_) == nullptr)
      fail("ended at " + key);
    if (answer[0] != '-') times.push_back(std::strtod(answer, nullptr));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("engine " + name_ + ": " + what);
  }

  std::string name_;
  pid_t process_ = 0;
  FILE *questions_ = nullptr, *answers_ = nullptr;
};

using workloads::print_cell, workloads::Summary, workloads::text;

using Engines = std::vector<std::unique_ptr<Engine>>;

std::map<std::string, Summary> measure(const Engines& engines, const std::string& key, int repetitions) {
  std::map<std::string, std::vector<double>> times;
  for (int i = 0; i < repetitions; ++i)
    for (const auto& engine : engines) engine->repeat(key, times[engine->name()]);
  std::map<std::string, Summary> summaries;
  for (const auto& [name, all] : times) summaries[name] = Summary(all);
  return summaries;
}

void print_head() {
  std::vector<workloads::Column> all{{"workload", 50}};
  for (const auto& [name, title] : columns) all.push_back({title, 17, true});
  all.insert(all.end(), {{"ratio", 23}, {"target", 6}, {"", 6}});
  workloads::print_head(all);
}

/// One row; whether the target is met.
bool print_row(const workloads::Row& row, std::map<std::string, Summary> times) {
  std::printf("|");
  print_cell(title_cell(row), 50);
  for (const auto& [name, title] : columns) print_cell(time_cell(row, times[name]), 17);
  const Summary &ours = times["gradus"], &reference = times[row.reference];
  const bool known = reference.median > 0, met = known && ours.median <= row.target * reference.median;
  print_cell(
      known ? text("%.2f (%.2f) x ", ours.median / reference.median, ours.min / reference.min) + row.reference
            : "",
      23);
  print_cell(text("%.2f", row.target), 6);
  print_cell(!known ? "-" : met ? "met" : "missed", 6);
  std::printf("\n");
  std::fflush(stdout);
  return met;
}

/// One thread for all; engines that are started inherit it.
void use_one_thread() {
  for (const char* variable : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"})
    setenv(variable, "1", 1);
}

void run(int repetitions, const std::string& only) {
  use_one_thread();
  const auto folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  Engines engines;
  for (const auto& [name, title] : columns) engines.push_back(std::make_unique<Engine>(folder / name));
  const gradus::BlasInfo blas = gradus::blas_info();
  std::printf("One thread; medians (minima) of %d repetitions, taken in turns; %s\n%s\n", repetitions,
              blas.library.c_str(), blas.advice.c_str());
  print_head();
  int rows = 0, met = 0;
  for (const workloads::Row& row : workloads::rows) {
    if (row.key.find(only) == std::string::npos) continue;
    ++rows;
    met += print_row(row, measure(engines, row.key, repetitions));
  }
  std::printf("\n%d of %d targets met\n", met, rows);
}

}  // namespace

int main(int argc, char** argv) {
  int repetitions = 9;
  std::string only;
  CLI::App app{"Gradus beside other engines"};
  app.add_option("--repetitions", repetitions, "of each engine on each workload")->capture_default_str();
  app.add_option("--only", only, "only workloads whose key contains this");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    run(repetitions, only);
  } catch (const std::exception& error) {
    std::cerr << "table: " << error.what() << '\n';
    return 1;
  }
}
