# The only part that needs Node: the chart library in static/vendor, built from
# pinned npm packages. Its result is committed, so that nobody else needs this.

ECHARTS = 6.1.0

.PHONY: assets
assets: ## rebuild static/vendor from static/build (Node 20 or newer)
	cd static/build && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	cd static/build && npx --no-install esbuild echarts.js --bundle --minify --format=iife --global-name=echarts \
	  --target=es2015 --charset=ascii --legal-comments=none --define:process.env.NODE_ENV=\"production\" \
	  --banner:js="/* Apache ECharts $(ECHARTS), Apache-2.0; zrender, BSD-3-Clause; tslib, 0BSD. See echarts.LICENSE. */" \
	  --outfile=../vendor/echarts.$(ECHARTS).min.js
	cd static/build/node_modules && { cat echarts/LICENSE; printf '\n----- NOTICE -----\n\n'; cat echarts/NOTICE; \
	  for part in echarts/licenses/LICENSE-d3 zrender/LICENSE tslib/LICENSE.txt; do printf '\n\n----- %s -----\n\n' $$part; cat $$part; done; } \
	  >../../vendor/echarts.LICENSE
	cd static/vendor && sha256sum echarts.$(ECHARTS).min.js echarts.LICENSE >SHA256SUMS
