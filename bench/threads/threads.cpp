// What a second thread is worth: each workload on one thread and on two, in turns, by the clock on the wall.
// Medians of the repetitions, minima in brackets.
//
//     threads [--repetitions 9] [--only <part of a key>]
#include <cstdio>
#include <string>
#include <vector>

#include "../gradus_workloads.hpp"
#include "../markdown.hpp"
#include <CLI/CLI.hpp>

#include <gradus/core/parallel.hpp>

namespace {

using workloads::print_cell, workloads::Summary, workloads::text;

/// No workload is to lose more with a second thread than 5 %, and a large one to gain 70 %.
double target(const workloads::Row& row) { return row.large ? 1.7 : 0.95; }

/// One row; whether the target is met.
bool print_row(const workloads::Row& row, const Summary& one, const Summary& two) {
  const double speedup = one.median / two.median;
  const bool met = speedup >= target(row);
  std::printf("|");
  print_cell(title_cell(row), 50);
  for (const Summary& times : {one, two}) print_cell(time_cell(row, times), 17);
  print_cell(text("%.2f (%.2f)", speedup, one.min / two.min), 13);
  print_cell(text("%.2f", target(row)), 6);
  print_cell(met ? "met" : "missed", 6);
  std::printf("\n");
  std::fflush(stdout);
  return met;
}

/// Takes turns between one thread and two.
bool measure(const workloads::Row& row, const workloads::Setup& setup, int repetitions) {
  gradus::set_num_threads(1);
  const workloads::Repetition repetition(setup(), workloads::wall_seconds);
  std::vector<double> times[2];
  for (int i = 0; i < repetitions; ++i)
    for (const int threads : {1, 2}) {
      gradus::set_num_threads(threads);
      times[threads - 1].push_back(repetition());
    }
  return print_row(row, Summary(times[0]), Summary(times[1]));
}

void run(int repetitions, const std::string& only) {
  std::printf("Wall time; medians (minima) of %d repetitions, taken in turns\n\n", repetitions);
  workloads::print_head({{"workload", 50},
                         {"1 thread", 17, true},
                         {"2 threads", 17, true},
                         {"speed-up", 13},
                         {"target", 6},
                         {"", 6}});
  const workloads::Setups setups = gradus_workloads();
  int rows = 0, met = 0;
  for (const workloads::Row& row : workloads::rows) {
    if (row.key.find(only) == std::string::npos) continue;
    ++rows;
    met += measure(row, setups.at(row.key), repetitions);
  }
  std::printf("\n%d of %d targets met\n", met, rows);
}

}  // namespace

int main(int argc, char** argv) {
  int repetitions = 9;
  std::string only;
  CLI::App app{"One thread and two"};
  app.add_option("--repetitions", repetitions, "of each workload")->capture_default_str();
  app.add_option("--only", only, "only workloads whose key contains this");
  CLI11_PARSE(app, argc, argv);
  run(repetitions, only);
}
