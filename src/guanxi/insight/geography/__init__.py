"""Where a shop's customers are: China by province and city, the world by country or region; read from one mart.

Nouns: place, division (one of the 34 of China), tile, country or region. Nothing here scans orders.
"""
