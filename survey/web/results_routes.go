package web

// resultsRoutes are the pages that show results.
func (s *Server) resultsRoutes() []route { return nil }
