#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace gradus::cli {

/// What the program's exit status says.
enum ExitCode { fine = 0, failed = 1, wrong_usage = 2 };

/// A subcommand: it declares its flags, and gives back what is to be done once they are read. The app stays
/// where it is meanwhile.
struct Command {
  const char *name, *help, *examples;
  std::function<std::function<ExitCode()>(CLI::App&)> declare;
};

Command train_command(std::string command_line);
Command evaluate_command();
Command predict_command();
Command report_command();
Command inspect_command();
Command check_command();
Command completion_command();

}  // namespace gradus::cli
