#include <ostream>

#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/report/markup.hpp>
#include <gradus/nn/report/plot.hpp>

namespace gradus::nn {
namespace {

const detail::Palette& paper() {
  // Told apart by every kind of colour vision (M. Okabe, K. Ito, "Color universal design", 2008).
  static const detail::Palette palette{
      "#333333", "#e4e4e4", {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"}};
  return palette;
}

std::string picture(const std::vector<Panel>& panels) {
  detail::check_panels("write_svg", panels);
  const double width = detail::panel_width * static_cast<double>(panels.size());
  const std::string height = detail::fixed_text(detail::panel_height, 1);
  const std::string size = detail::fixed_text(width, 1) + "\" height=\"" + height;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
                    detail::fixed_text(width, 1) + " " + height +
                    "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"" + paper().ink +
                    "\">\n" + "<rect width=\"" + size + "\" fill=\"white\"/>\n";
  for (std::size_t i = 0; i < panels.size(); ++i) {
    svg += detail::plot(panels[i], paper(), detail::panel_width * static_cast<double>(i));
  }
  return svg + "</svg>\n";
}

}  // namespace

void write_svg(std::ostream& out, const std::vector<Panel>& panels) { out << picture(panels); }

void write_svg(const std::filesystem::path& file, const std::vector<Panel>& panels) {
  detail::write_file("write_svg", file, picture(panels));
}

}  // namespace gradus::nn
