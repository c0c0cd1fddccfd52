// The command line: `gradus train`, `gradus evaluate` and so on. What a subcommand does is in its own file.
#include <iostream>
#include <new>

#include <gradus/core/expected.hpp>
#include <gradus/nn/cli/commands.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/cli/nearest.hpp>

namespace gradus::cli {
namespace {

/// As it can be pasted into a shell.
std::string command_line(int argc, char** argv) {
  std::string line = "gradus";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool is_plain = !word.empty() && word.find_first_not_of(
                                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                               "0123456789_-+=./,:@%") == std::string::npos;
    std::string quoted;
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += is_plain ? " " + word : " '" + quoted + "'";
  }
  return line;
}

/// What went wrong, in one line.
ExitCode complain(const std::string& who, std::string what, ExitCode code) {
  for (std::size_t at = 0; (at = what.find('\n', at)) != std::string::npos;) what.replace(at, 1, " ");
  std::cerr << who << ": " << what << '\n';
  return code;
}

class Program {
 public:
  explicit Program(const std::string& line) {
    app_.set_version_flag("--version", "gradus " GRADUS_VERSION);
    app_.footer(
        "`gradus COMMAND --help` says more of each.\n"
        "Exit status: 0 fine, 1 it could not be done or a check failed, 2 called wrongly.");
    for (const Command& command :
         {train_command(line), evaluate_command(), predict_command(), report_command(), inspect_command(),
          check_command(), completion_command()}) {
      CLI::App* const sub = app_.add_subcommand(command.name, command.help);
      sub->footer(command.examples);
      runs_.emplace_back(sub, command.declare(*sub));
    }
  }

  int run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
      for (const auto& [sub, act] : runs_)
        if (sub->parsed()) return flushed(act());
      return complain("gradus", "expected a command: " + commands(), wrong_usage);
    } catch (const CLI::Success& request) {  // --help, --version
      return flushed(static_cast<ExitCode>(app_.exit(request)));
    } catch (const CLI::ExtrasError&) {
      return complain(who(), unexpected(), wrong_usage);
    } catch (const CLI::ParseError& error) {
      return complain(who(), error.what(), wrong_usage);
    } catch (const UsageError& error) {
      return complain(who(), error.what(), wrong_usage);
    } catch (const std::bad_alloc&) {
      return complain(who(), "not enough memory: try fewer rows, smaller batches or narrower layers", failed);
    } catch (const std::exception& error) {
      return complain(who(), error.what(), failed);
    }
  }

 private:
  std::string commands() const {
    std::vector<std::string> names;
    for (const auto& [sub, act] : runs_) names.push_back(sub->get_name());
    return detail::listed(names);
  }

  /// What is there too much, and what it may have been meant for.
  std::string unexpected() const {
    const CLI::App* app = &app_;
    for (const auto& [sub, act] : runs_)
      if (sub->parsed()) app = sub;
    const std::vector<std::string> words = app->remaining(true);
    std::string word = words.front();
    for (const std::string& each : words)
      if (each.starts_with("-") && !word.starts_with("-")) word = each;
    std::vector<std::string> names;
    if (app == &app_)
      for (const auto& [sub, act] : runs_) names.push_back(sub->get_name());
    else
      for (const CLI::Option* option : app->get_options())
        if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    const std::string meant = nearest(word.substr(0, word.find('=')), names);
    return "'" + word + "' is not expected: " +
           (!meant.empty() ? "is " + meant + " meant?"
            : app == &app_ ? "expected a command: " + commands()
                           : "`gradus " + app->get_name() + " --help` lists what is");
  }

  std::string who() const {
    for (const auto& [sub, act] : runs_)
      if (sub->parsed()) return "gradus " + sub->get_name();
    return "gradus";
  }

  /// What was written must have arrived.
  ExitCode flushed(ExitCode code) const {
    if (std::cout.flush()) return code;
    return complain(who(), "cannot write to the standard output", failed);
  }

  CLI::App app_{"Gradus: train multilayer perceptrons, and trust their gradients.", "gradus"};
  std::vector<std::pair<CLI::App*, std::function<ExitCode()>>> runs_;
};

}  // namespace
}  // namespace gradus::cli

int main(int argc, char** argv) {
  const std::string line = gradus::cli::command_line(argc, argv);
  return gradus::cli::Program(line).run(argc, argv);
}
