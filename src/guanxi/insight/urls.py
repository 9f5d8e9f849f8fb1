"""The routes of insight."""

from django.urls import path

from guanxi.core import converters
from guanxi.insight import (
    channel_views,
    class_views,
    computation_views,
    forecast_views,
    layer_views,
    retention_views,
    stream_views,
    views,
)
from guanxi.insight.assortment import views as assortment_views
from guanxi.insight.churn import views as churn_views
from guanxi.insight.geography import views as geography_views
from guanxi.insight.goals import review_views
from guanxi.insight.goals import views as goals
from guanxi.insight.lookalike import views as lookalike_views
from guanxi.insight.notebook import answer_views, mart_views
from guanxi.insight.notebook import views as notebook
from guanxi.insight.recommendation import views as recommendation_views
from guanxi.insight.trials import views as trials

converters.register("cus")
converters.register("prd")

app_name = "insight"
urlpatterns = [
    path("rfm/", views.rfm, name="rfm"),
    path("value/", views.value, name="value"),
    path("rfm/progress/", views.rfm_progress, name="rfm-progress"),
    path("rfm/moves/", class_views.moves, name="rfm-moves"),
    path("rfm/moves/people/", class_views.people, name="rfm-moved"),
    path("rfm/rules/", views.rules, name="rules"),
    path("rfm/rules/outcome/", views.outcome, name="rules-outcome"),
    path("rfm/rules/versions/", views.versions, name="rules-versions"),
    path("products/<prd:product_id>/sales/", views.product_sales, name="product-sales"),
    path("products/<prd:product_id>/prices/", views.product_prices, name="product-prices"),
    path("products/<prd:product_id>/together/", views.product_together, name="product-together"),
    path("products/<prd:product_id>/buyers/", views.product_buyers, name="product-buyers"),
    path("funnels/", stream_views.funnels, name="funnels"),
    path("funnels/people/", stream_views.funnel_people, name="funnel-people"),
    path("funnels/incidents/", stream_views.funnel_incidents, name="funnel-incidents"),
    path("funnels/paths/", stream_views.paths, name="paths"),
    path("funnels/arrivals/", stream_views.arrivals, name="arrivals"),
    path("funnels/searches/", stream_views.searches, name="searches"),
    path("channels/", channel_views.channels, name="channels"),
    path("channels/costs/", channel_views.costs, name="costs"),
    path("channels/costs/file/", channel_views.cost_file, name="cost-file"),
    path("channels/costs/<int:cost_id>/removal/", channel_views.cost_removal, name="cost-removal"),
    path("forecast/", forecast_views.forecast, name="forecast"),
    path("forecast/days.csv", forecast_views.table, name="forecast-table"),
    path("products/", assortment_views.products, name="products"),
    path("products/seasons/", assortment_views.season, name="products-season"),
    path("products/prices/", assortment_views.bands, name="products-prices"),
    path("products/baskets/", assortment_views.rules, name="products-baskets"),
    path("products/needs/", assortment_views.unmet, name="products-needs"),
    path("products/<slug:sheet>.csv", assortment_views.table, name="products-table"),
    path("places/", geography_views.places, name="places"),
    path("places/<slug:level>.csv", geography_views.table, name="places-table"),
    path("layers/", layer_views.layers, name="layers"),
    path("layers/people/", layer_views.people, name="layer-people"),
    path("layers/layers.csv", layer_views.table, name="layers-table"),
    path("retention/", retention_views.retention, name="retention"),
    path("retention/repurchase/", retention_views.repurchase, name="retention-repurchase"),
    path("retention/beginnings/", retention_views.beginnings, name="retention-beginnings"),
    path("retention/intervals/", retention_views.intervals, name="retention-intervals"),
    path("retention/people/", retention_views.people, name="retention-people"),
    path("retention/cohorts.csv", retention_views.table, name="retention-table"),
    path("experiments/", trials.experiments, name="experiments"),
    path("experiments/columns/", trials.columns, name="experiment-columns"),
    path("experiments/<int:reading_id>/", trials.experiment, name="experiment"),
    path("experiments/<int:reading_id>/figures.<str:form>", trials.figures, name="experiment-figures"),
    path("experiments/<int:reading_id>/removal/", trials.removal, name="experiment-removal"),
    path("recommendations/", recommendation_views.recommendations, name="recommendations"),
    path("recommendations/products.csv", recommendation_views.table, name="recommendations-table"),
    path("lookalikes/", lookalike_views.lookalikes, name="lookalikes"),
    path("lookalikes/progress/", lookalike_views.progress, name="lookalikes-progress"),
    path("lookalikes/people.csv", lookalike_views.table, name="lookalikes-table"),
    path("products/<prd:product_id>/alike/", recommendation_views.product, name="product-alike"),
    path("customers/<cus:customer_id>/next/", recommendation_views.customer, name="customer-next"),
    path("churn/", churn_views.churn, name="churn"),
    path("churn/people.csv", churn_views.table, name="churn-table"),
    path("customers/<cus:customer_id>/return/", churn_views.customer, name="customer-return"),
    path("goals/", goals.goals, name="goals"),
    path("goals/new/", goals.new, name="goals-new"),
    path("goals/table.csv", goals.table, name="goals-table"),
    path("goals/<int:goal_id>/", goals.goal, name="goal"),
    path("goals/<int:goal_id>/archiving/", goals.archiving, name="goal-archiving"),
    path("goals/<int:goal_id>/removal/", goals.removal, name="goal-removal"),
    path("goals/<int:goal_id>/return/", goals.comeback, name="goal-return"),
    path("goals/review/", review_views.review, name="goals-review"),
    path("goals/review/decisions/", review_views.decisions, name="goals-decisions"),
    path("goals/review/decisions/<int:decision_id>/done/", review_views.decision_done, name="goals-decision-done"),
    path("goals/review/digest.md", review_views.digest, name="goals-digest"),
    path("glance/goals/", goals.home_goals, name="home-goals"),
    path("notebook/", notebook.notebooks, name="notebooks"),
    path("notebook/new/", notebook.new, name="notebook-new"),
    path("notebook/shelf/", answer_views.shelf, name="notebook-shelf"),
    path("notebook/shelf/<str:source>/", answer_views.source, name="notebook-source"),
    path("notebook/<int:notebook_id>/", notebook.notebook, name="notebook"),
    path("notebook/<int:notebook_id>/copies/", notebook.copies, name="notebook-copies"),
    path("notebook/<int:notebook_id>/removal/", notebook.removal, name="notebook-removal"),
    path("notebook/<int:notebook_id>/return/", notebook.comeback, name="notebook-return"),
    path("notebook/<int:notebook_id>/versions/", notebook.versions, name="notebook-versions"),
    path("notebook/<int:notebook_id>/versions/<int:version>/", notebook.version_return, name="notebook-version"),
    path("notebook/<int:notebook_id>/cells/<int:number>/", answer_views.answer, name="notebook-answer"),
    path("notebook/<int:notebook_id>/cells/<int:number>/stop/", answer_views.stop, name="notebook-stop"),
    path("notebook/<int:notebook_id>/cells/<int:number>/file.<str:form>", answer_views.file, name="notebook-file"),
    path("marts/", mart_views.marts, name="marts"),
    path("marts/<str:mart>/", mart_views.mart, name="mart"),
    path("marts/<str:mart>/glance/", mart_views.glance, name="mart-glance"),
    path("runs/", computation_views.shown, name="computations"),
    path("runs/new/", computation_views.new, name="computations-new"),
    path("cooling/", views.cooling, name="cooling"),
    path("moving/", views.movers, name="movers"),
    path("glance/sales/", views.home_sales, name="home-sales"),
    path("glance/moving/", views.home_moving, name="home-moving"),
    path("customers/<cus:customer_id>/value/", views.customer_value, name="customer-value"),
    path("customers/<cus:customer_id>/rfm/", views.customer_rfm, name="customer-rfm"),
]
