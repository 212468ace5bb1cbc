#pragma once

namespace mezzotint {

/// When a page that shows a run is written anew: soon after something worth seeing (a sample grid),
/// else after a pause, and always so that writing takes no more than its share of the time. Times
/// are seconds since the run began, as the caller's clock says.
class PagePace {
 public:
  /// @param share of the time of the run, 0 to 1. @param pause seconds.
  PagePace(double share, double pause) : share_(share), pause_(pause) {}
  /// @param event something worth seeing has happened since the last page.
  bool due(double now, bool event) const;
  /// A page has been written, or tried.
  void wrote(double began, double ended);
  /// How long the next page will be away: the pause, or more where writing is dear.
  double pause(double now) const;
  double spent() const { return spent_; }  ///< seconds, on all pages together

 private:
  double affordable_at() const;
  double share_;
  double pause_;
  double last_ = -1e9;
  double spent_ = 0;
  double cost_ = 0;  ///< of the last page
};

}  // namespace mezzotint
